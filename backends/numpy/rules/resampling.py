"""Spatial axes at another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.primitives import AdaptivePool, Resize

from ..axes import along
from .base import rule
from .separable import Sampling, Separable, Stage

if TYPE_CHECKING:
    from ..memory import Array, Buffer


@rule(Resize)
class Resized(Separable[Resize]):
    """Each axis by itself: y[i] = x[floor(i W/n)], or (1 - t) x[j] + t x[j + 1] at j + t = (i + 0.5) W/n - 0.5."""

    def stage(self, number: int, shape: tuple[int, ...], backward: bool) -> Stage:
        extent, outputs = shape[number], self.y.shape[number]
        if self.primitive.mode == "nearest":
            indices, weights = np.arange(outputs)[None] * extent // outputs, np.ones((1, outputs))
        else:
            places = np.clip((np.arange(outputs) + 0.5) * extent / outputs - 0.5, 0, extent - 1)
            low = places.astype(np.int64)
            indices = np.stack([low, np.minimum(low + 1, extent - 1)])
            weights = np.stack([1 - (places - low), places - low])
        return Sampling(shape, number, indices, weights.astype(self.y.dtype))


@rule(AdaptivePool, "average")
class AdaptiveAverage(Separable[AdaptivePool]):
    """The mean of a window is that of its columns' means."""

    def stage(self, number: int, shape: tuple[int, ...], backward: bool) -> Stage:
        return Means(number, shape[number], self.y.shape[number])


@rule(AdaptivePool, "max")
class AdaptiveMax(Separable[AdaptivePool]):
    """The largest of each row, then of the rows the first largest: that is the first in reading order."""

    def stage(self, number: int, shape: tuple[int, ...], backward: bool) -> Stage:
        ask, outputs = self.workspace, self.y.shape[number]
        result = (*shape[:number], outputs, *shape[number + 1 :])
        winners = (ask.kept if backward else ask.forward_scratch)(result, np.int32)
        return Maxima(number, shape[number], outputs, winners)


class Windows:
    """Output i of n covers the inputs floor(i W/n) up to, not including, ceil((i + 1) W/n)."""

    def __init__(self, number: int, extent: int, outputs: int) -> None:
        self.number = number
        self.windows = [slice(i * extent // outputs, -(-(i + 1) * extent // outputs)) for i in range(outputs)]

    def inputs(self, array: Array, window: slice) -> Array:
        return array[along(self.number, window)]

    def output(self, array: Array, i: int) -> Array:
        """One output of the axis, which stays with extent 1."""
        return array[along(self.number, slice(i, i + 1))]


class Means(Windows):
    """y = the mean of each window; dx = the sum of dy / cells over the windows that see x."""

    def forward(self, x: Array, y: Array) -> None:
        for i, window in enumerate(self.windows):
            np.mean(self.inputs(x, window), axis=self.number, keepdims=True, out=self.output(y, i))

    def backward(self, dx: Array, dy: Array) -> None:
        dx.fill(0)
        for i, window in enumerate(self.windows):
            target = self.inputs(dx, window)
            target += self.output(dy, i) / target.shape[self.number]


class Maxima(Windows):
    """y = the largest of each window; dx = the sum of dy over the windows in which x is the first largest."""

    def __init__(self, number: int, extent: int, outputs: int, winners: Buffer) -> None:
        super().__init__(number, extent, outputs)
        self.winners = winners

    def forward(self, x: Array, y: Array) -> None:
        for i, window in enumerate(self.windows):
            seen, best = self.inputs(x, window), self.output(y, i)
            winner = seen.argmax(axis=self.number, keepdims=True)
            best[...] = np.take_along_axis(seen, winner, axis=self.number)
            self.output(self.winners.array, i)[...] = winner

    def backward(self, dx: Array, dy: Array) -> None:
        dx.fill(0)
        for i, window in enumerate(self.windows):
            winner, given = self.output(self.winners.array, i), self.output(dy, i)
            for cell in range(window.stop - window.start):
                target = self.inputs(dx, slice(window.start + cell, window.start + cell + 1))
                np.add(target, given, out=target, where=winner == cell)
