"""The parameters of an engine: few long arrays, so that an update is few operations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl import random
from cnndsl.engine import Optimizer
from cnndsl.flow import is_learned
from cnndsl.program import Parameter

if TYPE_CHECKING:
    from .memory import Array
    from .team import Team

BLOCK = 1 << 14  # elements updated at a time: what an update rule makes in between stays in the cache


class Group:
    """Parameters one behind the other in one array, with their gradients and the optimizer's slots.

    Both are made when they are first asked for: a network that only predicts has none.
    """

    def __init__(self, parameters: Iterable[Parameter], decays: bool, dtype: Any) -> None:
        self.parameters = {parameter.name: parameter for parameter in parameters}
        self.decays = decays
        ends = np.cumsum([0, *(prod(parameter.shape) for parameter in self.parameters.values())])
        self.places = {name: slice(*ends[i : i + 2]) for i, name in enumerate(self.parameters)}
        self.values = np.empty(ends[-1], dtype)
        self.gradients: list[Array] = []
        self.slots: tuple[Array, ...] | None = None

    def view(self, array: Array, name: str) -> Array:
        """The part of an array like `values` that belongs to a parameter, in its shape."""
        return array[self.places[name]].reshape(self.parameters[name].shape)

    def gradient(self, name: str, seat: int) -> Array:
        while len(self.gradients) <= seat:
            self.gradients.append(np.zeros_like(self.values))
        return self.view(self.gradients[seat], name)

    def blocks(self) -> list[slice]:
        return [slice(start, start + BLOCK) for start in range(0, self.values.size, BLOCK)]

    def collect(self, block: slice, seats: int) -> Array:
        """The gradient of the whole batch: the sum of those of its parts, which lands in the first."""
        first, *others = (array[block] for array in self.gradients[:seats])
        for other in others:
            first += other
        return first

    def update(self, block: slice, seats: int, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of a block of elements."""
        assert self.slots is not None, "prepared"
        gradient, slots = self.collect(block, seats), tuple(slot[block] for slot in self.slots)
        value, news = optimizer.update(
            np, self.values[block], gradient, slots, rate=rate, count=count, decays=self.decays
        )
        self.values[block] = value
        for slot, new in zip(slots, news, strict=True):
            slot[...] = new


class Parameters:
    """All parameters and statistics by name, started from a seed."""

    def __init__(self, parameters: Iterable[Parameter], seed: int, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        known = tuple(parameters)
        learned = [parameter for parameter in known if is_learned(parameter)]
        weights = Group((p for p in learned if p.role == "weight"), True, self.dtype)
        others = Group((p for p in learned if p.role != "weight"), False, self.dtype)
        self.groups = (weights, others)
        fixed = Group((p for p in known if not is_learned(p)), False, self.dtype)
        self.group = {name: group for group in (weights, others, fixed) for name in group.parameters}
        self.learned = {parameter.name for parameter in learned}
        self.names = tuple(parameter.name for parameter in known)
        for parameter in known:
            self.array(parameter.name)[...] = random.start(parameter, seed)

    def array(self, name: str) -> Array:
        """The array of a parameter, a view that stays the same."""
        group = self.group[name]
        return group.view(group.values, name)

    def gradient(self, name: str, seat: int = 0) -> Array | None:
        """Where the gradient of a parameter stands, that of one part of the batch; None if it is not learned."""
        return self.group[name].gradient(name, seat) if name in self.learned else None

    @property
    def bytes(self) -> int:
        """What the gradient of all that is learned takes."""
        return sum(group.values.nbytes for group in self.groups)

    def collect(self, seats: int) -> dict[str, Array]:
        """The gradients of the whole batch by name, copied out."""
        for group in self.groups:
            for block in group.blocks() if group.gradients else ():
                group.collect(block, seats)
        return {name: self.group[name].gradient(name, 0).copy() for name in self.learned}

    def update(self, team: Team, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of all that is learned, after every thread of a team made a gradient."""
        work = []
        for group in self.groups:
            if group.gradients:
                group.slots = group.slots or tuple(np.zeros_like(group.values) for _ in optimizer.slots)
                work += [(group, block) for block in group.blocks()]

        def job(seat: int) -> None:
            for group, block in work[seat :: team.size]:
                group.update(block, team.size, optimizer, rate, count)

        team.run([partial(job, seat) for seat in range(team.size)])
