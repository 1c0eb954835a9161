"""Arrays (…, C) as long rows of several positions, in pieces that fit the cache; the views are made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import channels

if TYPE_CHECKING:
    from .memory import Array, Buffer

WIDTH = 1 << 13  # numbers of a row at least, about: an operation with rows of up to half as many takes 1.5 times as
# long, and several times where the row and the numbers of the channels lie at like addresses
NARROW = 1 << 11  # numbers of the rows that are added up


class Rows:
    """Pieces of arrays of so many positions with C channels: rows of `width` numbers, and what is left as one more."""

    def __init__(self, positions: int, depth: int, dtype: np.dtype[Any]) -> None:
        self.depth = depth
        together = _together(positions, depth)
        self.width = together * depth
        narrow = _divisor(together, NARROW // depth) * depth
        self.narrow = narrow if 2 * narrow > NARROW else self.width
        whole = positions // together
        parts = list(channels.pieces(whole, self.width * dtype.itemsize))
        self.cuts = [slice(part.start * self.width, part.stop * self.width) for part in parts]
        if whole * together < positions:
            self.cuts.append(slice(whole * self.width, positions * depth))
        self.largest = max((cut.stop - cut.start for cut in self.cuts), default=0)

    def of(self, buffer: Buffer) -> list[Array]:
        """The pieces of an array, each (rows, numbers of a row)."""
        if self not in buffer.views:
            flat = buffer.array.reshape(-1)
            buffer.views[self] = [self._like(flat[cut], cut) for cut in self.cuts]
        found: list[Array] = buffer.views[self]
        return found

    def rooms(self, buffer: Buffer) -> list[Array]:
        """The same `largest` numbers for each piece, in its shape."""
        if self not in buffer.views:
            buffer.views[self] = [self._like(buffer.array[: cut.stop - cut.start], cut) for cut in self.cuts]
        found: list[Array] = buffer.views[self]
        return found

    def _like(self, flat: Array, cut: slice) -> Array:
        return flat.reshape(-1, min(self.width, cut.stop - cut.start))

    def repeat(self, vector: Array, out: Array) -> Array:
        """A number for each channel, repeated for a row, written to `out`."""
        np.copyto(out.reshape(-1, self.depth), vector, casting="same_kind")
        return out

    def sums(self, one: Array, room: Array, other: Array | None = None) -> Array:
        """The sums over a piece of its numbers and of their products with another's (its own), (2, C) in float64."""
        narrow = self.narrow if one.shape[1] == self.width else one.shape[1]
        rows = one.reshape(-1, narrow)
        found = room[: 2 * narrow].reshape(2, narrow)
        np.matmul(channels.ones(rows.dtype)[: len(rows)], rows, out=found[0])
        np.einsum("pc,pc->c", rows, rows if other is None else other.reshape(-1, narrow), out=found[1])
        totals: Array = found.reshape(2, -1, self.depth).sum(axis=1, dtype=np.float64)
        return totals


def _together(positions: int, depth: int) -> int:
    """How many positions make a row: so many that no rest is left, if that is a row long enough."""
    most = max(1, WIDTH // depth)
    found = _divisor(positions, most * 3 // 2)
    return found if found == positions or 2 * found * depth > WIDTH else most


def _divisor(number: int, most: int) -> int:
    """The largest divisor up to `most`."""
    return max((each for each in range(1, most + 1) if number % each == 0), default=1)
