"""Liveness the slow way: every item that is ever in memory, every time that it is read, one cell after the other."""

from __future__ import annotations

from math import prod

from cnndsl.needs import Place


def depends(program, value, names):
    """Whether a value is computed with one of some parameters."""
    for step in program.steps:
        if step.output == value:
            own = any(isinstance(field, str) and field in names for field in step.primitive.as_tuple())
            return own or any(depends(program, other, names) for other in step.inputs)
    return False


def leads(program, value, ends):
    """Whether one of some values is computed from a value."""
    if value in ends:
        return True
    return any(leads(program, step.output, ends) for step in program.steps if value in step.inputs)


class Simulator:
    """Runs a program on items instead of numbers; `usage` are the bytes at every time from 0."""

    def __init__(self, program, training, width):
        self.program, self.width = program, width
        ends = [*program.outputs.values(), *(program.losses if training else ())]
        self.steps = [step for step in program.steps if leads(program, step.output, ends)]
        learned = {p.name for p in program.parameters if p.trained and p.role in ("weight", "bias", "norm")}
        self.back = [
            training and depends(program, step.output, learned) and leads(program, step.output, program.losses)
            for step in self.steps
        ]
        self.moving = {step.output for step, back in zip(self.steps, self.back) if back}
        self.middle = len(self.steps) + 1
        self.reads = {}  # item -> the times when it is read
        self.cells = []  # [items with the time when each is written, bytes]
        self.cell = {}  # item -> its cell
        self.note_reads(training)
        self.run(training)
        last = 2 * len(self.steps) + 1 if training else self.middle
        self.usage = [sum(size for items, size in self.cells if self.alive(items, t)) for t in range(last + 1)]

    def alive(self, items, time):
        times = [t for item, written in items for t in (written, *self.reads.get(item, ()))]
        return min(times) <= time <= max(times)

    def forward_time(self, i):
        return i + 1

    def backward_time(self, i):
        return 2 * len(self.steps) + 1 - i

    def note_reads(self, training):
        note = lambda item, time: self.reads.setdefault(item, []).append(time)  # noqa: E731
        for i, step in enumerate(self.steps):
            needs = step.primitive.needs()
            for value in step.inputs:
                note(value, self.forward_time(i))
                if self.back[i] and needs.inputs:
                    note(value, self.backward_time(i))
            if self.back[i] and needs.output:
                note(step.output, self.backward_time(i))
            if self.back[i]:
                note(("gradient", step.output), self.backward_time(i))
        for value in [*self.program.outputs.values(), *self.program.losses]:
            note(value, self.middle)

    def put(self, item, size, time):
        self.cells.append(([(item, time)], size))
        self.cell[item] = self.cells[-1]

    def run(self, training):
        labels = {step.inputs[k] for step in self.steps for k in step.primitive.labels}
        for value in [*self.program.inputs.values(), *(self.program.targets.values() if training else ())]:
            self.put(value, prod(value.shape) * (8 if value in labels else self.width), 0)
        for i, step in enumerate(self.steps):
            self.forward(i, step, self.forward_time(i))
        if training:
            for loss in set(self.program.losses) & self.moving:
                self.put(("gradient", loss), self.width, self.middle)
        for i in reversed(range(len(self.steps))):
            if self.back[i]:
                self.backward(self.steps[i], self.backward_time(i))

    def forward(self, i, step, now):
        place, first = step.primitive.needs().place, self.cell[step.inputs[0]]
        later = any(t > now for item, _ in first[0] for t in self.reads.get(item, ()))
        shared = any(self.cell[value] is first for value in step.inputs[1:])
        same = step.inputs[0].shape == step.output.shape
        if place is Place.SAME or (place is Place.OVER and same and not later and not shared):
            first[0].append((step.output, now))
            self.cell[step.output] = first
        else:
            self.put(step.output, prod(step.output.shape) * self.width, now)
        if self.back[i]:
            shapes = tuple(value.shape for value in step.inputs)
            for number, kept in enumerate(step.primitive.kept(shapes, step.output.shape)):
                item = ("kept", step.output, number)
                self.put(item, kept.count * (kept.bytes or self.width), now)
                self.reads[item] = [self.backward_time(i)]

    def backward(self, step, now):
        needs = step.primitive.needs()
        mine, taken = ("gradient", step.output), False
        for number, value in enumerate(step.inputs):
            if value not in self.moving:
                continue
            item, size = ("gradient", value), prod(value.shape) * self.width
            fits = value.shape == step.output.shape or needs.place is Place.SAME
            if item in self.cell:  # a further contribution: added to what is there
                self.reads[item].append(now)
                if not (fits and needs.gradient_place is Place.SAME and self.cell[item] is not self.cell[mine]):
                    self.put(("part", item, now, number), size, now)
            elif fits and not taken and needs.gradient_place is not Place.OWN:
                self.cell[mine][0].append((item, now))
                self.cell[item] = self.cell[mine]
                taken = True
            else:
                self.put(item, size, now)
