"""When each step of a program runs: forward, backward, and again where its results were not kept.

Times count from 0, when the inputs are given: the steps run forward, the outputs are read, the steps run
backward. A step whose results are dropped runs forward again, just before a gradient first needs them
(T. Chen et al., Training deep nets with sublinear memory cost, 2016).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cnndsl.needs import Needs
from cnndsl.program import Program, Step
from cnndsl.record import Record


class Turn(Record):
    """One run of step number `index` forward at the time `then`; its gradient, if that is this run's, at `now`.

    `inputs` and `output` are keys: the number of a value, or `~number` for the value when it is made again.
    `later` are the keys of the inputs for the gradient.
    """

    index: int
    step: Step
    then: int
    now: int | None
    inputs: tuple[int, ...]
    output: int
    later: tuple[int, ...]

    @property
    def again(self) -> bool:
        """Whether the step has run before."""
        return self.output < 0


class Schedule:
    """The turns of some steps by the time they run; `outputs` and `end` are when results and gradients are read.

    `needs` says of each step what its gradient reads again; `dropped` are the numbers of the steps whose results
    no gradient finds where they were.
    """

    def __init__(
        self, steps: Sequence[Step], needs: Sequence[Needs], moving: Collection[int], dropped: Collection[int] = ()
    ) -> None:
        self.steps, self.needs, self.dropped = steps, needs, dropped
        self.makers = {step.output.number: i for i, step in enumerate(steps)}
        self.outputs = len(steps) + 1
        self.replays: dict[int, int] = {}
        self.backward: dict[int, int] = {}
        self.time = self.outputs
        for i in range(len(steps) - 1, -1, -1):
            if steps[i].output.number in moving:
                self._replay([i] if i in dropped else [])
                self._replay(self._made(i) if needs[i].inputs else [])
                self.backward[i] = self.time = self.time + 1
            else:
                self.time += 1  # so that every step has a time, whether it has a gradient or not
        self.end = self.time + 1
        self.turns = tuple(sorted(self._turns(), key=lambda turn: turn.then))

    def _made(self, i: int) -> list[int]:
        """The dropped steps that make the inputs of a step."""
        found = (self.makers.get(value.number) for value in self.steps[i].inputs)
        return [maker for maker in found if maker is not None and maker in self.dropped]

    def _replay(self, wanted: Iterable[int]) -> None:
        """Times at which steps run again, after those that make their inputs."""
        waiting = list(wanted)
        while waiting:
            i = waiting[-1]
            missing = [maker for maker in self._made(i) if maker not in self.replays]
            if i in self.replays or not missing:
                waiting.pop()
                if i not in self.replays:
                    self.replays[i] = self.time = self.time + 1
            else:
                waiting.extend(missing)

    def _turns(self) -> Iterable[Turn]:
        for i, step in enumerate(self.steps):
            first = tuple(value.number for value in step.inputs)
            later = tuple(~number if self.makers.get(number) in self.replays else number for number in first)
            now, number = self.backward.get(i), step.output.number
            yield Turn(i, step, i + 1, None if i in self.replays else now, first, number, later)
            if i in self.replays:
                yield Turn(i, step, self.replays[i], now, later, ~number, later)

    def reads(self, program: Program) -> dict[int, int]:
        """For the key of every value that a step reads or makes the time when it is read last."""
        found: dict[int, int] = {}

        def read(time: int, *keys: int) -> None:
            for key in keys:
                found[key] = max(found.get(key, 0), time)

        for turn in self.turns:
            read(turn.then, turn.output, *turn.inputs)
            if turn.now is not None:
                read(turn.now, *([turn.output] if self.needs[turn.index].output else []))
                read(turn.now, *(turn.later if self.needs[turn.index].inputs else []))
        read(self.outputs, *(value.number for value in (*program.outputs.values(), *program.losses)))
        return found
