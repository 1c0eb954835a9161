"""Examples: a part that is read by number, so that it can be shuffled, split and gone on with anywhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.normalization import PIXELS, Normalization
from cnndsl.data.part import Block, Part
from cnndsl.data.remedy import remedy
from cnndsl.data.share import WHOLE, Share
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.data import LengthsDiffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnndsl.data.visit import Visit

    Array = NDArray[Any]
    Numbers = NDArray[np.int64]
    Chosen = slice | Numbers

Shape = tuple[int, ...]


class Numbered(Part):
    """Base of the parts whose examples have numbers: any of them can be taken at any time."""

    @abstractmethod
    def take(self, chosen: Chosen) -> Block:
        """Some examples as a net takes them: float32, channels last, normalized."""

    def steps(self, size: int) -> int:
        return -(-len(self) // size)

    def blocks(self, size: int, visit: Visit | None = None, first: int = 0, share: Share = WHOLE) -> Iterator[Block]:
        order = visit.order(len(self)) if visit else None
        for start in range(first * size, len(self), size):
            rows = share.rows(min(size, len(self) - start))
            chosen = slice(start + rows.start, start + rows.stop)
            block = self.take(chosen if order is None else order[chosen])
            if share.size > 1 or len(numbers(block.numbers)):  # other processes wait for an empty share, too
                yield block


class Arrays(Numbered):
    """Arrays by name that a user gave: the inputs, and the targets or none."""

    name = "x"

    def __init__(self, x: Mapping[str, Array], y: Mapping[str, Array]) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(next(iter(self.x.values())))

    def take(self, chosen: Chosen) -> Block:
        x, y = ({name: array[chosen] for name, array in arrays.items()} for arrays in (self.x, self.y))
        return Block(x, y, chosen)


class Examples(Numbered):
    """Base of what is read by number from one place: a subclass sets the fields and writes `read`.

    `shape` is that of one example, channels last; `y` the targets of all (N, …), known without
    reading an example.
    """

    shape: Shape
    y: Array

    def __len__(self) -> int:
        return len(self.y)

    @abstractmethod
    def read(self, chosen: Chosen) -> tuple[Array, Numbers | None]:
        """The raw examples (n, *shape), and which of the chosen they are if some are left out, else None."""

    def take(self, chosen: Chosen) -> Block:
        raw, kept = self.read(chosen)
        if kept is not None:
            chosen = numbers(chosen)[kept]
        return Block(self.normalization.apply(raw), self.y[chosen], chosen)

    def whole(self) -> tuple[Array, Array]:
        block = self.take(slice(0, len(self)))
        return block.x, block.y

    def check(self) -> None:
        """Refuses values that no net can take. Raises CnnError (E503, E504)."""

    def advice(self, wanted: Shape) -> str:
        """What to do if a net wants another shape."""
        return remedy("data.x", (len(self), *self.shape), wanted)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}: {len(self):,} examples of {'x'.join(map(str, self.shape))})"


class InMemory(Examples):
    """Arrays that lie in memory, or are mapped into it; a block is a view of them where it can be."""

    def __init__(
        self,
        name: str,
        x: Array,
        y: Array,
        class_names: tuple[str, ...] = (),
        normalization: Normalization | None = None,
    ) -> None:
        self.name, self.raw, self.y = name, x, y
        self.class_names, self.normalization = class_names, normalization or Normalization()
        self.shape = x.shape[1:]

    def read(self, chosen: Chosen) -> tuple[Array, None]:
        return self.raw[chosen], None

    def check(self) -> None:
        from cnndsl.data.arrays import check_finite, check_scale

        if self.normalization == Normalization():
            check_scale(self.name, self.raw)
        check_finite(self.name, self.raw)

    def whole(self) -> tuple[Array, Array]:
        return (self.raw, self.y) if self.normalization == Normalization() else super().whole()


def in_memory(
    name: str, x: Array, y: Array, class_names: tuple[str, ...] = (), names: tuple[str, str] = ("x", "y")
) -> InMemory:
    """Arrays as a part: bytes are pixels, which are scaled to 0..1, and grey ones (N, H, W) get a channel.

    Raises CnnError (E505).
    """
    if x.shape[:1] != y.shape[:1]:
        raise LengthsDiffer(NOWHERE, names[0], len(np.atleast_1d(x)), names[1], len(np.atleast_1d(y))).error()
    pixels = x.dtype == np.uint8
    return InMemory(name, x[..., None] if pixels and x.ndim == 3 else x, y, class_names, PIXELS if pixels else None)


class Some(Examples):
    """Some of other examples, in the order of their numbers."""

    def __init__(self, source: Examples, numbers: Numbers, name: str) -> None:
        self.source, self.numbers, self.name = source, numbers, name
        self.shape, self.y, self.slow = source.shape, source.y[numbers], source.slow
        self.class_names, self.normalization = source.class_names, source.normalization

    def read(self, chosen: Chosen) -> tuple[Array, Numbers | None]:
        return self.source.read(self.numbers[chosen])

    def check(self) -> None:
        self.source.check()

    def advice(self, wanted: Shape) -> str:
        return self.source.advice(wanted)

    def report(self) -> None:
        self.source.report()


def numbers(chosen: Chosen) -> Numbers:
    """The numbers that a slice with both ends, or an array of them, means."""
    return np.arange(chosen.start, chosen.stop) if isinstance(chosen, slice) else chosen
