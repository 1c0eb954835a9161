"""The parameters of an engine: few long arrays, so that an update is few operations."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl import random
from cnndsl.program import Optimizer, Parameter

from .flow import is_learned

if TYPE_CHECKING:
    from .memory import Array

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
        self.gradients: Array | None = None
        self.slots: tuple[Array, ...] | None = None

    def view(self, array: Array, name: str) -> Array:
        """The part of an array like `values` that belongs to a parameter, in its shape."""
        return array[self.places[name]].reshape(self.parameters[name].shape)

    def gradient(self, name: str) -> Array:
        if self.gradients is None:
            self.gradients = np.zeros_like(self.values)
        return self.view(self.gradients, name)

    def update(self, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of every element, a block at a time."""
        assert self.gradients is not None, "a backward run came before"
        if self.slots is None:
            self.slots = tuple(np.zeros_like(self.values) for _ in optimizer.slots)
        for start in range(0, self.values.size, BLOCK):
            part = slice(start, start + BLOCK)
            slots = tuple(slot[part] for slot in self.slots)
            value, news = optimizer.update(
                np, self.values[part], self.gradients[part], slots, rate=rate, count=count, decays=self.decays
            )
            self.values[part] = value
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

    def gradient(self, name: str) -> Array | None:
        """Where the gradient of a parameter stands; None if it is not learned."""
        return self.group[name].gradient(name) if name in self.learned else None

    def update(self, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of all that is learned."""
        for group in self.groups:
            if group.gradients is not None:
                group.update(optimizer, rate, count)
