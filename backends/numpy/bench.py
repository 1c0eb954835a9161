"""The workspace of one run of a step: where its rule asks for parameters, gradients and memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.schedule import Turn

from . import memory
from .folded import Folded
from .memory import Buffer
from .rules.base import State

if TYPE_CHECKING:
    from .memory import Array
    from .plan import Plan


class Again(State):
    """The state as a step sees it that runs a second time: the same masks, and nothing is updated twice."""

    def __init__(self, first: State) -> None:
        self.first = first
        self.seed = first.seed

    @property
    def step(self) -> int:  # type: ignore[override]
        return self.first.step

    @property
    def updating(self) -> bool:  # type: ignore[override]
        return False


class Bench:
    """The workspace of a turn, as `rules.base.Workspace` says."""

    def __init__(self, plan: Plan, turn: Turn) -> None:
        self.plan, self.path = plan, turn.step.path
        self.state = Again(plan.state) if turn.again else plan.state
        self.share, self.seats = plan.share, plan.seats
        self.dtype = plan.dtype
        self.training = plan.mode.training
        self.goes_back = turn.step.output.number in plan.moving
        self.moves_input = any(value.number in plan.moving for value in turn.step.inputs[:1])
        self.then = turn.then
        self.now = turn.then if turn.now is None else turn.now
        self.additions: list[Callable[[], None]] = []

    def add(self, total: Buffer, part: Buffer, first: bool = False) -> None:
        """After the step's backward run adds `part` to `total`; `first` goes before what may change `part`."""
        self.additions.insert(0 if first else len(self.additions), partial(_accumulate, total, part))

    def parameter(self, name: str) -> Array:
        return self.plan.parameters.array(name)

    def constant(self, name: str, shape: tuple[int, ...], write: Callable[[Array], None]) -> Callable[[], Array]:
        if isinstance(self.plan.parameters, Folded):
            array = self.plan.parameters.constant(name, shape, write)
            return lambda: array
        return partial(_written, shape, self.dtype, write)

    @property
    def copies(self) -> bool:
        return isinstance(self.plan.parameters, Folded) and self.plan.parameters.copies

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
        return self.plan.ask(shape, dtype, self.then, self.then, "scratch", self.path)

    def backward_scratch(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        return self.plan.ask(shape, dtype, self.now, self.now, "scratch", self.path)

    def kept(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        return self.plan.ask(shape, dtype, self.then, self.now, "kept", self.path)


def _accumulate(total: Buffer, part: Buffer) -> None:
    np.add(total.array, part.array, out=total.array)


def _written(shape: tuple[int, ...], dtype: Any, write: Callable[[Array], None]) -> Array:
    found = np.empty(shape, dtype)
    write(found)
    return found
