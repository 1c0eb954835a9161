"""Liveness: which memory a program needs, and between which times, when each result stands where it safely can.

Times are those of `cnndsl.schedule`. A result is written over its input where nothing reads that any more.
"""

from __future__ import annotations

from itertools import accumulate
from math import prod

from cnndsl.flow import Mode, differentiated, needed
from cnndsl.needs import Needs, Place
from cnndsl.program import Program, Step, Value
from cnndsl.record import Record
from cnndsl.schedule import Schedule

#: bytes of a label, a whole number
LABEL = 8


class Block(Record):
    """A piece of memory of one example: `count` numbers of `bytes` bytes, or as wide as those that flow if None.

    `role` is `input`, `target`, `activation` (a result), `kept` (something of a primitive's own that its
    gradient needs: a mask) or `gradient`. `paths` are the layers whose results stand in it, one after
    the other; alive from the time `first` to `last`, both included.
    """

    role: str
    what: str
    paths: tuple[str, ...]
    count: int
    bytes: int | None
    first: int
    last: int

    def size(self, width: int) -> int:
        """Bytes for one example whose numbers are `width` bytes wide."""
        return self.count * (width if self.bytes is None else self.bytes)


class Moment(Record):
    """A time of a run: its phase (`inputs`, `forward`, `outputs` or `backward`) and the layer that runs."""

    phase: str
    path: str = ""


class Lives(Record):
    """All memory of a run forward, or forward and backward, and its moments in order."""

    blocks: tuple[Block, ...]
    moments: tuple[Moment, ...]
    #: the last moment of the run forward
    outputs: int

    def alive(self, time: int) -> tuple[Block, ...]:
        """What is in memory at a time."""
        return tuple(block for block in self.blocks if block.first <= time <= block.last)

    def kept(self) -> tuple[Block, ...]:
        """What the run forward leaves to the run backward."""
        return tuple(
            block for block in self.blocks if block.first <= self.outputs < block.last and block.role != "gradient"
        )

    def timeline(self, width: int) -> tuple[int, ...]:
        """The bytes of one example that are alive at each moment."""
        changes = [0] * (len(self.moments) + 1)
        for block in self.blocks:
            changes[block.first] += block.size(width)
            changes[min(block.last, len(self.moments) - 1) + 1] -= block.size(width)
        return tuple(accumulate(changes[:-1]))


def lives(program: Program, mode: Mode) -> Lives:
    """The memory that a run of the program for that purpose needs."""
    run = _Run(program, mode)
    run.forward()
    run.backward()
    forward = [Moment("forward", step.path) for step in run.steps]
    backward = [Moment("backward", step.path) for step in reversed(run.steps)]
    moments = (Moment("inputs"), *forward, Moment("outputs"), *(backward if mode.training else ()))
    return Lives(tuple(piece.block() for piece in run.pieces), moments, run.schedule.outputs)


class _Piece:
    """A block in the making."""

    def __init__(self, role: str, what: str, path: str, count: int, bytes: int | None, first: int, last: int) -> None:
        self.role, self.what, self.paths = role, what, [path]
        self.count, self.bytes, self.first, self.last = count, bytes, first, last

    def until(self, time: int) -> None:
        self.last = max(self.last, time)

    def block(self) -> Block:
        paths = tuple(dict.fromkeys(self.paths))
        return Block(self.role, self.what, paths, self.count, self.bytes, self.first, self.last)


class _Run:
    """Gives every value, gradient and thing kept its piece of memory."""

    def __init__(self, program: Program, mode: Mode) -> None:
        self.program, self.mode = program, mode
        self.steps = needed(program, mode)
        self.needs = [step.primitive.needs() for step in self.steps]
        self.moving = differentiated(program, self.steps, mode)
        self.schedule = Schedule(self.steps, self.needs, self.moving)
        self.pieces: list[_Piece] = []
        self.values: dict[int, _Piece] = {}
        self.gradients: dict[int, _Piece] = {}

    def ask(
        self, role: str, what: str, path: str, count: int, first: int, last: int, bytes: int | None = None
    ) -> _Piece:
        piece = _Piece(role, what, path, count, bytes, first, last)
        self.pieces.append(piece)
        return piece

    def forward(self) -> None:
        """The values: a result takes its first input's place where that is read no more."""
        reads = self.schedule.reads(self.program)
        self.given(reads)
        for turn, needs in zip(self.schedule.turns, self.needs, strict=True):
            step, now, until = turn.step, turn.then, reads[turn.output]
            x = [self.values[value.number] for value in step.inputs]
            if needs.place is Place.SAME or (needs.place is Place.OVER and _may_overwrite(step, x, now)):
                y = x[0]
                y.paths.append(step.path)
            else:
                y = self.ask("activation", "output", step.path, prod(step.output.shape), now, now)
            y.until(until)
            self.values[step.output.number] = y

    def given(self, reads: dict[int, int]) -> None:
        """Inputs and targets, which are there from the beginning."""
        labels = {step.inputs[k].number for step in self.steps for k in step.primitive.labels}
        targets = self.program.targets if self.mode.losses else {}
        for role, values in (("input", self.program.inputs), ("target", targets)):
            for name, value in values.items():
                width = LABEL if value.number in labels else None
                last = reads.get(value.number, 0)
                self.values[value.number] = self.ask(role, name, "", prod(value.shape), 0, last, width)

    def backward(self) -> None:
        """The gradients, from the losses on, and what they need of the run forward."""
        for value in self.program.losses if self.mode.training else ():
            if value.number in self.moving and value.number not in self.gradients:
                at = self.schedule.outputs
                self.gradients[value.number] = self.ask("gradient", "gradient of the loss", "", 1, at, at)
        for turn in reversed(self.schedule.turns):
            if turn.now is not None:
                self.keep(turn.step, turn.then, turn.now)
                self.differentiate(turn.step, self.needs[turn.index], turn.now)

    def keep(self, step: Step, first: int, last: int) -> None:
        shapes = tuple(value.shape for value in step.inputs)
        for item in step.primitive.kept(shapes, step.output.shape):
            self.ask("kept", item.what, step.path, item.count, first, last, item.bytes)

    def differentiate(self, step: Step, needs: Needs, now: int) -> None:
        """The gradients of the inputs: one may stand where the output's did.

        A value that is used twice has two contributions: the later ones are made apart and added.
        """
        dy, free = self.gradients[step.output.number], True
        dy.until(now)
        for value in step.inputs:
            if value.number not in self.moving:
                continue
            fits = value.shape == step.output.shape or needs.place is Place.SAME
            known = self.gradients.get(value.number)
            if known is not None:
                known.until(now)
                if not (fits and needs.gradient_place is Place.SAME and known is not dy):
                    self.slope(value, step, now)
            elif fits and free and needs.gradient_place is not Place.OWN:
                self.gradients[value.number] = dy
                dy.paths.append(step.path)
                free = False
            else:
                self.gradients[value.number] = self.slope(value, step, now)

    def slope(self, value: Value, step: Step, now: int) -> _Piece:
        return self.ask("gradient", "gradient", step.path, prod(value.shape), now, now)


def _may_overwrite(step: Step, x: list[_Piece], now: int) -> bool:
    """Whether the output may be written over the first input: its memory is not read from here on."""
    first, *others = x
    return (
        step.inputs[0].shape == step.output.shape and all(other is not first for other in others) and first.last <= now
    )
