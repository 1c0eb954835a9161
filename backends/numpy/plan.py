"""A Plan: one program on one part of a batch for one purpose, with every buffer known before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.flow import Mode, differentiated, needed
from cnndsl.program import Program, Step, Value
from cnndsl.schedule import Schedule, Turn

from . import memory
from .bench import Bench
from .calls import Call, run, seated
from .memory import Buffer
from .merge import merge
from .placing import place_gradients, place_values
from .recompute import KEEP, Policy
from .rewrite import finished, pools_first
from .rules import find
from .rules.base import Rule, State

if TYPE_CHECKING:
    from cnndsl.engine import Arrays

    from .folded import Folded
    from .memory import Array
    from .parameters import Parameters
    from .shards import Share


class Plan:
    """The rules of a program's steps in order, wired to buffers.

    Buffers are asked for with the times between which they are alive and then placed together, so
    that a run allocates nothing. `bytes` is what they take; `bind` gives the plan its memory.
    """

    def __init__(
        self,
        program: Program,
        share: Share,
        mode: Mode,
        parameters: Parameters | Folded,
        state: State,
        policy: Policy = KEEP,
        seats: int = 1,
    ) -> None:
        self.program, self.share, self.mode, self.seats = program, share, mode, seats
        self.parameters, self.state = parameters, state
        self.dtype = parameters.dtype
        read = (*program.outputs.values(), *program.losses)
        self.tails: dict[int, tuple[Step, ...]] = {}
        self.steps = pools_first(needed(program, mode), read)
        if not mode.training:
            self.steps, self.tails = finished(self.steps, read)
        self.moving = differentiated(program, self.steps, mode)
        needs = [step.primitive.needs() for step in self.steps]
        dropped = policy.dropped(program, self.steps) if mode.training else ()
        self.schedule = Schedule(self.steps, needs, self.moving, dropped)
        self.seconds = 0.0  # spent on running steps again in the last run
        self.buffers: list[Buffer] = []
        self.gradients: dict[int, Buffer] = {}
        self.started: set[str] = set()
        self.benches = [Bench(self, turn) for turn in self.schedule.turns]
        self.rules = [self._rule(bench, turn.step) for bench, turn in zip(self.benches, self.schedule.turns)]
        self.values = place_values(self)
        self.merged = merge(self.schedule.turns, self.rules) if mode.training else []
        self.seeded = self._seeds()
        self.forwards, self.backwards = self._wire()
        self.others: list[list[Call]] = []
        self.bytes = memory.place(self.buffers)

    def ask(self, shape: tuple[int, ...], dtype: Any, first: int, last: int, role: str, path: str) -> Buffer:
        """A buffer that is alive from `first` to `last`; `role` and `path` say what for."""
        buffer = Buffer(shape, dtype or self.dtype, first, last, None, role, path)
        self.buffers.append(buffer)
        return buffer

    def _rule(self, bench: Bench, step: Step) -> Rule[Any]:
        """The rule of a step, with those of its tail, which need no memory."""
        rule, tail = _rule(bench, step), []
        for each in self.tails.get(step.output.number, ()):
            tail.append((_rule(bench, each), len(each.inputs) - 1))
            tail[-1][0].prepare(False)
        rule.tail = tuple(tail)
        return rule

    def see(self, buffer: Buffer, shape: tuple[int, ...]) -> Buffer:
        """The same memory with another shape."""
        view = buffer.view(shape)
        self.buffers.append(view)
        return view

    def shape(self, value: Value) -> tuple[int, ...]:
        return (self.share.count, *value.shape)

    def _seeds(self) -> dict[int, Buffer]:
        """The gradients of the losses, where those of everything begin."""
        at = self.schedule.outputs
        for value in self.program.losses if self.mode.training else ():
            if value.number in self.moving and value.number not in self.gradients:
                self.gradients[value.number] = self.ask(self.shape(value), None, at, at, "gradient", "")
        return dict(self.gradients)

    def _wire(self) -> tuple[list[Call], list[Call]]:
        """What is run before the outputs are read and after, in order; from the losses on each rule is prepared."""
        found: list[tuple[int, Iterable[Call]]] = []
        parts = list(zip(self.schedule.turns, self.rules, self.benches, strict=True))
        for turn, rule, bench in sorted(parts, key=lambda part: part[0].now or self.schedule.end):
            if turn.now is not None:
                place_gradients(self, turn, rule, bench)
            if rule in self.merged:
                continue
            rule.prepare(turn.now is not None)
            forward = partial(self._again, rule) if turn.again else rule.forward
            found.append((turn.then, [*self._looks(rule, turn, turn.inputs), forward]))
            if turn.now is not None:
                looks = self._looks(rule, turn, turn.later)
                found.append((turn.now, [*looks, rule.backward, *bench.additions]))
        for value in self.program.inputs.values():
            if value.number in self.gradients:
                self.gradients[value.number].until(self.schedule.end)
        runs = sorted(found, key=lambda item: item[0])
        outputs = self.schedule.outputs
        before = [call for time, group in runs if time < outputs for call in group]
        return before, [call for time, group in runs if time > outputs for call in group]

    def _looks(self, rule: Rule[Any], turn: Turn, keys: tuple[int, ...]) -> list[Call]:
        """Turns a rule to its inputs where its gradient finds some made again, in other memory."""
        if turn.inputs == turn.later:
            return []
        return [partial(setattr, rule, "x", tuple(self.values[key] for key in keys))]

    def _again(self, rule: Rule[Any]) -> None:
        """Runs a step again, and notes how long that takes."""
        began = perf_counter()
        rule.forward()
        self.seconds += perf_counter() - began

    def bind(self, room: Array) -> None:
        """Takes memory of at least `bytes` bytes, which other plans may use between the runs of this one."""
        memory.bind(self.buffers, room)
        if not self.mode.training:
            self.forwards, *self.others = seated(self.rules, self.seats, self.share.team.meet)

    def follow(self, seat: int) -> None:
        """What another thread than the first does for the run forward."""
        run(self.others[seat - 1])

    def forward(self, inputs: Arrays, targets: Arrays) -> None:
        """Runs the steps on inputs and, where losses are asked for, targets by name."""
        self._give(self.program.inputs, inputs)
        if self.mode.losses:
            self._give(self.program.targets, targets)
        run(self.forwards)

    def _give(self, values: Mapping[str, Value], arrays: Arrays) -> None:
        for name, value in values.items():
            np.copyto(self.values[value.number].array, arrays[name], casting="unsafe")

    def outputs(self, into: Mapping[str, Array]) -> None:
        """Copies the outputs of the run forward, and the parts of the loss."""
        known = {**self.program.outputs, **self.program.parts}
        for name, array in into.items():
            np.copyto(array, self.values[known[name].number].array)

    def loss(self) -> float:
        """The sum of the losses of the examples, divided by the size of the whole batch."""
        losses = self.program.losses if self.mode.losses else ()
        total = sum(self.values[value.number].array.sum(dtype=np.float64) for value in losses)
        return float(total / self.share.batch)

    def backward(self) -> None:
        """Writes the gradients of the loss with respect to all that is learned."""
        self.seconds = 0.0
        for number, seed in self.seeded.items():
            times = sum(value.number == number for value in self.program.losses)
            seed.array.fill(times / self.share.batch)
        run(self.backwards)

    def input_gradients(self, into: Mapping[str, Array]) -> None:
        """Copies the gradients with respect to the inputs; zeros where no loss depends on one."""
        for name, array in into.items():
            found = self.gradients.get(self.program.inputs[name].number)
            np.copyto(array, 0 if found is None else found.array)


def _rule(bench: Bench, step: Step) -> Rule[Any]:
    kind = find(step.primitive)
    assert kind is not None, "the engine has looked"
    return kind(step.primitive, bench)
