"""The parameters of an engine: one long array, so that an update is few operations, all in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
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
    from .team import Team

PIECE = 1 << 17  # elements of a gradient added up at a time: in large pieces threads need Python's lock seldom
BLOCK = 1 << 16  # elements updated at a time, together with those that an optimizer keeps for them: one block after
# the other in one thread, as threads would hand the lock over at every operation and larger blocks make much on the way


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
        block = BLOCK // (1 + len(optimizer.slots if optimizer else ()))
        self.blocks = [
            Block(slice(first, min(first + block, stop)), traits)
            for traits, (start, stop) in spans.items()
            for first in range(start, stop, block)
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

    def gather(self, team: Team) -> bool:
        """Collects all of it after every thread of a team made a part, and tells whether it is finite."""
        self.vector(team.size - 1)  # all are made before several threads ask for them
        finite = [True] * team.size

        def job(seat: int) -> None:
            for start in range(PIECE * seat, self.size, PIECE * team.size):
                total = self.collect(slice(start, start + PIECE), team.size)
                # The sum of the squares is finite where all are, but for very large ones.
                finite[seat] &= isfinite(np.dot(total, total)) or bool(np.isfinite(total).all())

        team.run([partial(job, seat) for seat in range(team.size)])
        return all(finite)

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

    def update(self, optimizer: Optimizer, rate: float, count: int) -> None:
        """One update of all that is learned, when the gradient has been gathered."""
        self.slots = self.slots or tuple(np.zeros(self.size, self.dtype) for _ in optimizer.slots)
        norm = self.norm(optimizer) if optimizer.limits_norm else None
        with np.errstate(all="ignore"):
            for block in self.blocks:
                self.update_block(block, optimizer, rate, count, norm)

    def norm(self, optimizer: Optimizer) -> float:
        """That of all gradients together, each with what it is added to."""
        squares = 0.0
        for block in self.blocks:
            slots = tuple(slot[block.part] for slot in self.slots or ())
            gathered = optimizer.gathered(self.vector()[block.part], slots)
            squares += float(np.square(gathered, dtype=np.float64).sum())
        return sqrt(squares)

    def update_block(self, block: Block, optimizer: Optimizer, rate: float, count: int, norm: float | None) -> None:
        """The update of a block, in place but for what the rule makes in between."""
        assert self.slots is not None, "`update` has made them"
        part, gradient = block.part, self.vector()[block.part]
        slots = tuple(slot[part] for slot in self.slots)
        value, news = optimizer.apply(
            np, self.values[part], gradient, slots, rate=rate, count=count, traits=block.traits, norm=norm
        )
        self.values[part] = value
        for slot, new in zip(slots, news, strict=True):
            slot[...] = new
