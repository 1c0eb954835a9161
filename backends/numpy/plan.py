"""A Plan: one program on one part of a batch for one purpose, with every buffer known before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.flow import Clock, Mode, differentiated, last_reads, needed
from cnndsl.needs import Place
from cnndsl.program import Program, Step, Value

from . import memory
from .memory import Buffer
from .rewrite import pools_first
from .rules import find
from .rules.base import Rule, State

if TYPE_CHECKING:
    from cnndsl.engine import Arrays

    from .memory import Array
    from .parameters import Parameters
    from .shards import Share


class Plan:
    """The rules of a program's steps in order, wired to buffers.

    Buffers are asked for with the times between which they are alive and then placed together, so
    that a run allocates nothing. `bytes` is what they take; `bind` gives the plan its memory.
    """

    def __init__(self, program: Program, share: Share, mode: Mode, parameters: Parameters, state: State) -> None:
        self.program, self.share, self.mode = program, share, mode
        self.parameters, self.state = parameters, state
        self.dtype = parameters.dtype
        self.steps = pools_first(needed(program, mode), (*program.outputs.values(), *program.losses))
        self.clock = Clock(len(self.steps))
        self.moving = differentiated(program, self.steps, mode)
        self.buffers: list[Buffer] = []
        self.gradients: dict[int, Buffer] = {}
        self.started: set[str] = set()
        self.rules = [self._rule(i, step) for i, step in enumerate(self.steps)]
        self.values = self._values()
        self.backwards: list[Callable[[], None]] = []
        self._wire()
        self.bytes = memory.place(self.buffers)

    def ask(self, shape: tuple[int, ...], dtype: Any, first: int, last: int) -> Buffer:
        """A buffer that is alive from `first` to `last`."""
        buffer = Buffer(shape, dtype or self.dtype, first, last)
        self.buffers.append(buffer)
        return buffer

    def see(self, buffer: Buffer, shape: tuple[int, ...]) -> Buffer:
        """The same memory with another shape."""
        view = buffer.view(shape)
        self.buffers.append(view)
        return view

    def shape(self, value: Value) -> tuple[int, ...]:
        return (self.share.count, *value.shape)

    def _rule(self, i: int, step: Step) -> Rule[Any]:
        kind = find(step.primitive)
        assert kind is not None, "the engine has looked"
        return kind(step.primitive, Bench(self, i))

    def _values(self) -> dict[int, Buffer]:
        """The buffers of all values. A result takes its input's place where that is no longer read."""
        program, clock = self.program, self.clock
        again = [(rule.reads_inputs, rule.reads_output) for rule in self.rules]
        reads = last_reads(program, self.steps, again, self.moving, clock)
        labels = {step.inputs[k].number for step, rule in zip(self.steps, self.rules) for k in rule.whole}
        given = [*program.inputs.values(), *(program.targets.values() if self.mode.losses else ())]
        values = {
            value.number: self.ask(
                self.shape(value), np.int64 if value.number in labels else None, 0, reads.get(value.number, 0)
            )
            for value in given
        }
        residents: dict[Buffer, int] = {}  # until when any value in a piece of memory is read
        for value in given:
            residents[values[value.number].root] = reads.get(value.number, 0)
        for i, (step, rule) in enumerate(zip(self.steps, self.rules, strict=True)):
            rule.x = tuple(values[value.number] for value in step.inputs)
            now, until = clock.forward(i), reads[step.output.number]
            if rule.places is Place.SAME or (
                rule.places is Place.OVER and _may_overwrite(step, rule.x, residents, now)
            ):
                rule.y = self.see(rule.x[0], self.shape(step.output))
            else:
                rule.y = self.ask(self.shape(step.output), None, now, now)
            rule.y.until(until)
            residents[rule.y.root] = max(residents.get(rule.y.root, 0), until)
            values[step.output.number] = rule.y
        return values

    def _wire(self) -> None:
        """From the losses backwards: where gradients stand, and what each rule needs besides."""
        for value in self.program.losses if self.mode.training else ():
            if value.number in self.moving and value.number not in self.gradients:
                self.gradients[value.number] = self.ask(self.shape(value), None, self.clock.outputs, self.clock.outputs)
        self.seeded = dict(self.gradients)
        for i in range(len(self.steps) - 1, -1, -1):
            step, rule = self.steps[i], self.rules[i]
            bench = rule.workspace
            assert isinstance(bench, Bench)
            backward = step.output.number in self.moving
            if backward:
                self._gradients(step, rule, bench)
            rule.prepare(backward)
            if backward:
                self.backwards += [rule.backward, *bench.additions]
        for value in self.program.inputs.values():
            if value.number in self.gradients:
                self.gradients[value.number].until(self.clock.end)

    def _gradients(self, step: Step, rule: Rule[Any], bench: Bench) -> None:
        """Gives a rule the buffers of the gradients that it reads and writes.

        A value that is used twice has two contributions: the later ones are made apart and added.
        """
        now = bench.now
        rule.dy = dy = self.gradients[step.output.number]
        dy.until(now)
        rule.dx, free = [], True
        for value in step.inputs:
            known = self.gradients.get(value.number)
            fits = rule.places_gradient is not Place.OWN and self._fits(step, rule, value)
            own: Buffer | None = None
            if value.number not in self.moving:
                pass
            elif known is None and fits and free:
                self.gradients[value.number] = self.see(dy, self.shape(value))
                own = self.gradients[value.number] if rule.places_gradient is Place.OVER else None
                free = False
            elif known is None:
                own = self.gradients[value.number] = self.ask(self.shape(value), None, now, now)
            else:
                known.until(now)
                if fits and rule.places_gradient is Place.SAME and known.root is not dy.root:
                    bench.add(known, self.see(dy, self.shape(value)), first=True)
                else:
                    own = self.ask(self.shape(value), None, now, now)
                    bench.add(known, own)
            rule.dx.append(own)

    def _fits(self, step: Step, rule: Rule[Any], value: Value) -> bool:
        """Whether an input's gradient may stand where the output's does."""
        return value.shape == step.output.shape or rule.places is Place.SAME

    def bind(self, room: Array) -> None:
        """Takes memory of at least `bytes` bytes, which other plans may use between the runs of this one."""
        memory.bind(self.buffers, room)

    def forward(self, inputs: Arrays, targets: Arrays) -> None:
        """Runs the steps on inputs and, where losses are asked for, targets by name."""
        self._give(self.program.inputs, inputs)
        if self.mode.losses:
            self._give(self.program.targets, targets)
        for rule in self.rules:
            rule.forward()

    def _give(self, values: Mapping[str, Value], arrays: Arrays) -> None:
        for name, value in values.items():
            np.copyto(self.values[value.number].array, arrays[name], casting="unsafe")

    def outputs(self, into: Mapping[str, Array]) -> None:
        """Copies the outputs of the run forward."""
        for name, value in self.program.outputs.items():
            np.copyto(into[name], self.values[value.number].array)

    def loss(self) -> float:
        """The sum of the losses of the examples, divided by the size of the whole batch."""
        losses = self.program.losses if self.mode.losses else ()
        total = sum(self.values[value.number].array.sum(dtype=np.float64) for value in losses)
        return float(total / self.share.batch)

    def backward(self) -> None:
        """Writes the gradients of the loss with respect to all that is learned."""
        for number, seed in self.seeded.items():
            times = sum(value.number == number for value in self.program.losses)
            seed.array.fill(times / self.share.batch)
        for run in self.backwards:
            run()

    def input_gradients(self, into: Mapping[str, Array]) -> None:
        """Copies the gradients with respect to the inputs; zeros where no loss depends on one."""
        for name, array in into.items():
            found = self.gradients.get(self.program.inputs[name].number)
            np.copyto(array, 0 if found is None else found.array)


def _may_overwrite(step: Step, x: tuple[Buffer, ...], residents: dict[Buffer, int], now: int) -> bool:
    """Whether the output may be written over the first input: its memory is not read from here on."""
    first, *others = x
    alone = all(other.root is not first.root for other in others)
    return step.inputs[0].shape == step.output.shape and alone and residents[first.root] <= now


class Bench:
    """The workspace of one step of a plan."""

    def __init__(self, plan: Plan, step: int) -> None:
        self.plan = plan
        self.state = plan.state
        self.share = plan.share
        self.dtype = plan.dtype
        self.training = plan.mode.training
        self.then = plan.clock.forward(step)
        self.now = plan.clock.backward(step)
        self.additions: list[Callable[[], None]] = []

    def add(self, total: Buffer, part: Buffer, first: bool = False) -> None:
        """After the step's backward run adds `part` to `total`; `first` goes before what may change `part`."""
        self.additions.insert(0 if first else len(self.additions), lambda: _accumulate(total, part))

    def parameter(self, name: str) -> Array:
        return self.plan.parameters.array(name)

    def gradient(self, name: str | None) -> Buffer | None:
        array = self.plan.parameters.gradient(name, self.plan.share.seat) if name and self.training else None
        if array is None or name is None:
            return None
        total = memory.fixed(array)
        if name not in self.plan.started:
            self.plan.started.add(name)
            return total
        part = self.backward_scratch(array.shape)
        self.add(total, part)
        return part

    def forward_scratch(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        return self.plan.ask(shape, dtype, self.then, self.then)

    def backward_scratch(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        return self.plan.ask(shape, dtype, self.now, self.now)

    def kept(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        return self.plan.ask(shape, dtype, self.then, self.now)


def _accumulate(total: Buffer, part: Buffer) -> None:
    np.add(total.array, part.array, out=total.array)
