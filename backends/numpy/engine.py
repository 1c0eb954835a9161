"""The engine: a program with its parameters, and the plans that run it."""

from __future__ import annotations

from math import isfinite, nan
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.engine import Optimizer, Running, Snapshot
from cnndsl.errors.backends import NoRule
from cnndsl.errors.base import NOWHERE
from cnndsl.flow import CHECK, EVALUATE, PREDICT, TRAIN, Mode
from cnndsl.folding import folded
from cnndsl.planned import Planned
from cnndsl.program import Program

from . import memory
from .folded import Folded
from .limit import within
from .parameters import Parameters
from .recompute import KEEP, Policy, Under, work
from .report import planned, record
from .rules import find
from .rules.base import State
from .shards import Shards, average, cuts
from .team import Team, threads

if TYPE_CHECKING:
    from cnndsl.engine import Arrays

    from .memory import Array

SEATS = 4  # parts of a batch, whatever the number of threads, where the same bits are wanted
HANDS = 4  # threads of a batch that is not cut, at most: Python lets one at a time start a step
TOGETHER = 1 << 14  # elements of an average value for which threads run a batch together that is not cut
SMALL = 1 << 25  # multiply-adds of a run forward up to which a product takes one thread: others take long to wake
SHARDS = 8  # kept at a time: a training and an inference run with their last, smaller batches, and some


class NumpyEngine:
    """A program on NumPy, as `cnndsl.engine.Engine` says.

    Raises CnnError (E603) for a primitive without a rule, and (E622) when a batch would need more memory than it may.
    """

    def __init__(
        self,
        program: Program,
        optimizer: Optimizer | None,
        seed: int | None,
        dtype: str,
        running: Running | None = None,
    ) -> None:
        for step in program.steps:
            if find(step.primitive) is None:
                raise NoRule(NOWHERE, "numpy", step.path, repr(step.primitive)).error()
        self.program = program
        self.optimizer = optimizer
        self.running = running or Running()
        self.policy = Under(self.running.recompute) if self.running.recompute else KEEP
        self.parameters = Parameters(program.parameters, seed, dtype, optimizer)
        self.state = State(seed or 0)
        self.shards: dict[tuple[int, int, Mode], Shards] = {}
        self.teams: dict[tuple[int, bool], Team] = {}
        self.average = average(program)
        self.work = sum(work(program, step) for step in program.steps)
        limited = self.running.memory_limit is not None  # what is folded is a second copy of weights
        self.inference, folds = (program, ()) if limited else folded(program)
        self.folded = Folded(folds, self.parameters, not limited)
        self.room = memory.arena(0)
        self.lock = Lock()  # one run at a time, as all share one memory

    def plan(self, batch: int, mode: Mode) -> Shards:
        """The plans for a batch size and a purpose, made once; all share one memory."""
        parts = self._parts(batch, mode)
        key = (batch, len(parts), mode)
        if key not in self.shards:
            while len(self.shards) >= SHARDS:
                del self.shards[next(iter(self.shards))]
            self.shards[key] = made = self._made(parts, mode)
            self._bind(made)
        self.shards[key] = self.shards.pop(key)  # the one used last is dropped last
        if not mode.training:
            self.folded.refresh()
        return self.shards[key]

    def planned(self, batch: int, *, training: bool = False) -> Planned:
        """The memory for a batch, whether it has been run or not."""
        mode = TRAIN if training else PREDICT
        parts = self._parts(batch, mode)
        shards = self.shards.get((batch, len(parts), mode)) or self._made(parts, mode)
        plain = shards if shards.policy == KEEP else self._shards(parts, mode, KEEP)
        return planned(shards, self.parameters, self.folded, self.optimizer, plain.bytes)

    def plan_record(self) -> dict[str, Any]:
        """What was chosen to run, for a checkpoint to tell."""
        how = dict(zip(self.running.fields, self.running.as_tuple()))
        return {**how, "plans": [record(shards) for shards in self.shards.values()]}

    def _parts(self, batch: int, mode: Mode) -> list[slice]:
        seats = SEATS if self.running.deterministic else threads()
        return cuts(batch, seats, self.average, self.parameters.bytes if mode.training else 0)

    def _made(self, parts: list[slice], mode: Mode) -> Shards:
        """Plans that keep to the limit of memory."""
        made = self._shards(parts, mode, self.policy)
        limit = self.running.memory_limit
        if limit is None:
            return made
        peak = lambda shards: planned(shards, self.parameters, self.folded, self.optimizer).peak  # noqa: E731
        make = lambda policy, batch: self._shards(self._parts(batch, mode), mode, policy)  # noqa: E731
        return within(limit, made, make, peak)

    def _shards(self, parts: list[slice], mode: Mode, policy: Policy) -> Shards:
        seats = 1 if mode.training or len(parts) > 1 else self._seats(parts[0].stop)
        size = max(len(parts), seats)
        single = self.running.deterministic or parts[-1].stop * self.work <= SMALL
        team = self.teams.setdefault((size, single), Team(size, single))
        if mode.training:
            return Shards(self.program, parts, mode, self.parameters, self.state, team, policy)
        return Shards(self.inference, parts, mode, self.folded, self.state, team, policy, seats)

    def _seats(self, batch: int) -> int:
        """How many threads run a batch together that is not cut: how many changes bits, and takes memory."""
        few = batch * self.average < TOGETHER
        alone = few or self.running.deterministic or self.running.memory_limit is not None
        return 1 if alone else min(threads(), HANDS)

    def _bind(self, made: Shards) -> None:
        if made.bytes <= self.room.size:
            made.bind(self.room)
            return
        self.room = memory.arena(made.bytes)
        for shards in self.shards.values():
            shards.bind(self.room)

    def batch(self, inputs: Arrays) -> int:
        return len(next(iter(inputs.values())))

    def arrays(self) -> dict[str, Array]:
        return {name: self.parameters.array(name).copy() for name in self.parameters.names}

    def load(self, arrays: Arrays) -> None:
        self.parameters.changes += 1
        for name, array in arrays.items():
            np.copyto(self.parameters.array(name), array, casting="unsafe")

    def snapshot(self) -> Snapshot:
        return Snapshot(self.arrays() | self.parameters.kept(self.slots), {"step": self.state.step})

    def restore(self, snapshot: Snapshot) -> None:
        self.load({name: snapshot.arrays[name] for name in self.parameters.names})
        self.parameters.keep(self.slots, snapshot.arrays)
        self.state.step = int(snapshot.numbers["step"])

    @property
    def slots(self) -> tuple[str, ...]:
        return self.optimizer.slots if self.optimizer else ()

    def predict(self, inputs: Arrays) -> dict[str, Array]:
        batch = self.batch(inputs)
        if not batch:
            outputs = self.program.outputs.items()
            return {name: np.empty((0, *value.shape), self.parameters.dtype) for name, value in outputs}
        with self.lock:
            return self.plan(batch, PREDICT).run(inputs, {})[1]

    def evaluate(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, Array]]:
        with self.lock:
            loss, outputs, _ = self.plan(self.batch(inputs), EVALUATE).run(inputs, targets)
            return loss, outputs

    def step(self, inputs: Arrays, targets: Arrays, rate: float | None = None) -> tuple[float, dict[str, Array]]:
        if self.optimizer is None:
            raise ValueError("this engine was built without an optimizer")
        with self.lock:
            shards = self.plan(self.batch(inputs), TRAIN)
            self.state.updating = True
            self.parameters.changes += 1
            loss, outputs, _ = shards.run(inputs, targets)
            self.state.step += 1
            # What is not finite would spoil every parameter, and hide where it came from.
            if not isfinite(loss) or not self.parameters.gather(shards.team):
                return (nan if isfinite(loss) else loss), outputs
            rate = self.optimizer.rate if rate is None else float(rate)
            self.parameters.update(self.optimizer, rate, self.state.step)
            return loss, outputs

    def gradients(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, Array]]:
        with self.lock:
            shards = self.plan(self.batch(inputs), CHECK)
            self.state.updating = False
            loss, _, slopes = shards.run(inputs, targets)
            found = self.parameters.gradient_arrays(shards.team.size)
            return loss, found | {f"input:{name}": array for name, array in slopes.items()}
