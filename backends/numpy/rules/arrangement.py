"""Cells that are moved, left out, repeated or added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.primitives import Pad, Permute, Slice
from cnndsl.record import Record

from ..axes import along
from .base import Rule, rule
from .separable import Sampling, Separable, Stage

if TYPE_CHECKING:
    from ..memory import Array


@rule(Permute)
class Permuted(Rule[Permute]):
    """Axis i of y is axis order[i] of x; dx the other way round."""

    def view(self, array: Array) -> Array:
        """An array like x with the axes of y."""
        return array.transpose(0, *(axis + 1 for axis in self.primitive.order))

    def forward(self) -> None:
        np.copyto(self.y.array, self.view(self.x[0].array))

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        np.copyto(self.view(self.dx[0].array), self.dy.array)


@rule(Slice)
class Part(Rule[Slice]):
    """y = a part of x; dx = dy there, 0 elsewhere."""

    def part(self, array: Array) -> Array:
        p = self.primitive
        return array[(slice(None), *(slice(*ends) for ends in zip(p.starts, p.stops, strict=True)))]

    def forward(self) -> None:
        np.copyto(self.y.array, self.part(self.x[0].array))

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        self.dx[0].array.fill(0)
        np.copyto(self.part(self.dx[0].array), self.dy.array)


@rule(Pad)
class Padded(Separable[Pad]):
    """Each axis by itself: y is x with cells of a value on both sides, or y[i] = x[j] with j inside x for i - low."""

    def stage(self, number: int, shape: tuple[int, ...], backward: bool) -> Stage:
        extent, (low, high) = shape[number], self.primitive.pads[number - 1]
        if self.primitive.mode == "constant":
            return Frame(number, slice(low, low + extent), self.primitive.value)
        places = np.arange(-low, extent + high)
        inside = np.clip(places, 0, extent - 1) if self.primitive.mode == "edge" else reflected(places, extent)
        return Sampling(shape, number, inside[None], np.ones((1, len(inside)), self.y.dtype))


def reflected(places: Array, extent: int) -> Array:
    """To and fro between 0 and extent - 1: 2 1 | 0 1 2 3 | 2 1 0 1 …"""
    around = places % max(2 * (extent - 1), 1)
    result: Array = np.minimum(around, 2 * (extent - 1) - around)
    return result


class Frame(Record):
    """y = x at `inner` and `value` around it; dx = dy at `inner`."""

    number: int
    inner: slice
    value: float

    def forward(self, x: Array, y: Array) -> None:
        for border in slice(self.inner.start), slice(self.inner.stop, None):
            y[along(self.number, border)] = self.value
        y[along(self.number, self.inner)] = x

    def backward(self, dx: Array, dy: Array) -> None:
        dx[...] = dy[along(self.number, self.inner)]
