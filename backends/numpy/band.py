"""Neighbouring outputs of a convolution computed together, which suits small ones.

With few channels and filters the columns are many short rows and the matrix product is a narrow one.
Taking `t` neighbouring outputs of a row as one makes the window wider, F + (t - 1) S cells, and gives it
t K filters: the same filters, each at its place in the wider window, zeros elsewhere. That is more
multiplications in all, but wider products and fewer, longer rows to copy. The outputs come out in their
usual order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .axes import Axis

if TYPE_CHECKING:
    from .memory import Array

WIDEST = 16


def choose(axis: Axis, rows: int, depth: int, filters: int, folds: bool) -> int:
    """How many outputs to take together along the last axis.

    `rows` are those of the kernel, `depth` the channels; `folds` says that the input's gradient is wanted.
    """
    if axis.dilation > 1:
        return 1
    possible = (t for t in range(1, min(axis.outputs, WIDEST) + 1) if axis.outputs % t == 0)
    return min(possible, key=lambda together: cost(widened(axis, together), together, rows, depth, filters, folds))


def cost(axis: Axis, together: int, rows: int, depth: int, filters: int, folds: bool) -> float:
    """About how many nanoseconds a training step takes for an output, by what was measured.

    A row that is copied costs 6 and 0.1 for each number; one that is added, 20 and 0.3. A multiplication
    costs 0.022 in wide products and more in narrow ones, and products may have several threads.
    """
    products = rows * axis.kernel * depth * filters * 0.022 * (1 + 10 / (together * filters)) * 0.6
    copied = rows * (6 + 0.1 * axis.kernel * depth) / together
    if not folds:
        return 2 * products + copied
    down = rows * 0.3 * axis.kernel * depth / together
    along = -(-axis.kernel // axis.stride) * (20 + 0.3 * axis.stride * depth) / together
    framed = 0.6 * depth if together > 1 and axis.pads else 0.0
    return 3 * products + copied + down + along + framed


def widened(axis: Axis, together: int) -> Axis:
    """The axis with so many outputs taken as one."""
    kernel = axis.kernel + (together - 1) * axis.stride
    return Axis(axis.extent, axis.outputs // together, kernel, axis.stride * together, axis.dilation, axis.low)


class Band:
    """Weights (K, F…, C) at their places in (t K, F…, wider F, C), and gradients back."""

    def __init__(self, weight: Array, axis: Axis, together: int) -> None:
        self.weight, self.together, self.stride = weight, together, axis.stride
        kernel = widened(axis, together).kernel
        self.wide = np.zeros((together * weight.shape[0], *weight.shape[1:-2], kernel, weight.shape[-1]), weight.dtype)

    def places(self, wide: Array) -> list[Array]:
        """The parts of an array like `wide` that are the filters, once for each of the outputs."""
        filters, cells = self.weight.shape[0], self.weight.shape[-2]
        return [
            wide[t * filters : (t + 1) * filters, ..., t * self.stride : t * self.stride + cells, :]
            for t in range(self.together)
        ]

    def spread(self) -> None:
        """Writes the weights to their places."""
        for place in self.places(self.wide):
            place[...] = self.weight

    def gather(self, wide: Array, out: Array) -> None:
        """Adds up the gradients at the places."""
        first, *others = self.places(wide.reshape(self.wide.shape))
        np.copyto(out, first)
        for place in others:
            np.add(out, place, out=out)
