"""The parameters of an engine: one long array, so that an update is few operations, all in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite, prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl import random
from cnndsl.engine import Optimizer, Traits
from cnndsl.flow import is_learned
from cnndsl.program import Parameter
from cnndsl.record import Record

if TYPE_CHECKING:
    from .memory import Array

BLOCK = 1 << 14  # elements updated at a time, one block after the other: with two threads, who hand Python's lock
# over at each operation, an update of as small blocks takes longer, and of larger ones makes much in between


class Block(Record):
    """Some neighbouring elements that are updated together, all of the same traits."""

    part: slice
    traits: Traits


class Parameters:
    """All parameters and statistics, one behind the other in `values`: what is learned, by its traits, then the rest.

    `gradients` has an array for each part of a batch, `slots` one for each of the optimizer's; both are as
    long as what is learned and made when they are first asked for: a network that only predicts has none.
    Without a seed the numbers are any: enough to plan with.
    """

    def __init__(
        self, parameters: Iterable[Parameter], seed: int | None, dtype: Any, optimizer: Optimizer | None = None
    ) -> None:
        self.dtype = np.dtype(dtype)
        known = tuple(parameters)
        self.names = tuple(parameter.name for parameter in known)
        learned = [parameter for parameter in known if is_learned(parameter)]
        groups: dict[Traits, list[Parameter]] = {}
        for parameter in learned:
            traits = optimizer.traits(parameter) if optimizer else Traits(parameter.role == "weight")
            groups.setdefault(traits, []).append(parameter)
        order = list(dict.fromkeys([*(item for group in groups.values() for item in group), *known]))
        ends = np.cumsum([0, *(prod(parameter.shape) for parameter in order)]).tolist()
        self.places = {parameter.name: slice(*ends[i : i + 2]) for i, parameter in enumerate(order)}
        self.shapes = {parameter.name: parameter.shape for parameter in order}
        self.size = ends[len(learned)]
        spans = {
            traits: (self.places[group[0].name].start, self.places[group[-1].name].stop)
            for traits, group in groups.items()
        }
        self.blocks = [
            Block(slice(first, min(first + BLOCK, stop)), traits)
            for traits, (start, stop) in spans.items()
            for first in range(start, stop, BLOCK)
        ]
        self.learned = dict.fromkeys(parameter.name for parameter in learned)
        self.values = np.empty(ends[-1], self.dtype)
        self.gradients: list[Array] = []
        self.slots: tuple[Array, ...] | None = None
        self.changes = 0  # so far: who keeps something made of the values looks here whether it still holds
        if seed is not None:
            for parameter in known:
                self.array(parameter.name)[...] = random.start(parameter, seed)

    def view(self, array: Array, name: str) -> Array:
        """The part of an array like `values` or `gradients` that belongs to a parameter, in its shape."""
        return array[self.places[name]].reshape(self.shapes[name])

    def array(self, name: str) -> Array:
        """The array of a parameter, a view that stays the same."""
        return self.view(self.values, name)

    def gradient(self, name: str, seat: int = 0) -> Array | None:
        """Where the gradient of a parameter stands, that of one part of the batch; None if it is not learned."""
        return self.view(self.vector(seat), name) if name in self.learned else None

    def vector(self, seat: int = 0) -> Array:
        """The gradients of one part of the batch, zeros until they are written."""
        while len(self.gradients) <= seat:
            self.gradients.append(np.zeros(self.size, self.dtype))
        return self.gradients[seat]

    @property
    def bytes(self) -> int:
        """What the gradient of all that is learned takes."""
        size: int = self.size * self.dtype.itemsize
        return size

    def collect(self, part: slice, seats: int) -> Array:
        """The gradient of the whole batch: the sum of those of its parts, which lands in the first."""
        total = self.vector()[part]
        for seat in range(1, seats):
            total += self.vector(seat)[part]
        return total

    def sound(self, seats: int) -> bool:
        """Whether the gradients of the parts are finite: the sum of their squares is, but for very large ones."""
        vectors = [self.vector(seat) for seat in range(seats)]
        with np.errstate(all="ignore"):
            return all(isfinite(np.dot(vector, vector)) or np.isfinite(vector).all() for vector in vectors)

    def gradient_arrays(self, seats: int) -> dict[str, Array]:
        """The gradients of the whole batch by name, copied out."""
        total = self.collect(slice(self.size), seats)
        return {name: self.view(total, name).copy() for name in self.learned}

    def kept(self, slots: tuple[str, ...]) -> dict[str, Array]:
        """What the optimizer keeps, as `SLOT:NAME`, copied out; nothing before the first update."""
        pairs = zip(slots, self.slots or ())
        return {f"{slot}:{name}": self.view(array, name).copy() for slot, array in pairs for name in self.learned}

    def keep(self, slots: tuple[str, ...], arrays: Mapping[str, Array]) -> None:
        """Takes over what `kept` gave."""
        known = all(f"{slot}:{name}" in arrays for slot in slots for name in self.learned)
        self.slots = tuple(np.zeros(self.size, self.dtype) for _ in slots) if known else None
        for slot, array in zip(slots, self.slots or ()):
            for name in self.learned:
                self.view(array, name)[...] = arrays[f"{slot}:{name}"]

    def update(self, seats: int, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of all that is learned, after each part of a batch made a gradient."""
        self.slots = self.slots or tuple(np.zeros(self.size, self.dtype) for _ in optimizer.slots)
        norm = None
        if optimizer.limits_norm:
            norm, seats = self.norm(seats, optimizer), 1  # which has collected the gradients
        with np.errstate(all="ignore"):
            for block in self.blocks:
                self.update_block(block, seats, optimizer, rate, count, norm)

    def norm(self, seats: int, optimizer: Optimizer) -> float:
        """That of the gradients of the whole batch together, each with what it is added to."""
        squares = 0.0
        for block in self.blocks:
            slots = tuple(slot[block.part] for slot in self.slots or ())
            gathered = optimizer.gathered(self.collect(block.part, seats), slots)
            squares += float(np.square(gathered, dtype=np.float64).sum())
        return sqrt(squares)

    def update_block(
        self, block: Block, seats: int, optimizer: Optimizer, rate: float, count: int, norm: float | None
    ) -> None:
        """The update of a block, in place but for what the rule makes in between."""
        assert self.slots is not None, "`update` has made them"
        part, gradient = block.part, self.collect(block.part, seats)
        slots = tuple(slot[part] for slot in self.slots)
        value, news = optimizer.apply(
            np, self.values[part], gradient, slots, rate=rate, count=count, traits=block.traits, norm=norm
        )
        self.values[part] = value
        for slot, new in zip(slots, news, strict=True):
            slot[...] = new
