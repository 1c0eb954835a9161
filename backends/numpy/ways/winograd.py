"""Convolution with kernels of 3 by 3 cells by fewer multiplications: F(4, 3) along both axes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .. import toom
from ..axes import POINT, Axis
from ..tiled import CELLS, Pass
from .base import PRODUCT, Way

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array, Buffer
    from ..rules.convolution import Convolution

TILE = 4  # outputs of a tile along an axis
WEIGHT = 2.0  # ns for each number of the transformed weights: made once in a run, and read for every part
READ = 1.0  # ns for each of them where they are made only when weights have changed
MOVED = 1.4  # ns for each number of a tile's cells: copied, transformed, and back


class Winograd(Way):
    """F(4x4, 3x3): 36 multiplications for 16 outputs instead of 144 (A. Lavin and S. Gray, 2015).

    The input's gradient is the same with the flipped kernel; that of the weights is the transpose, G^T (sum over
    tiles of (A dy A^T) * (B^T d B)) G.
    """

    def __init__(self, step: Convolution, backward: bool) -> None:
        super().__init__(step, backward)
        axes = (POINT, *step.axes)[-3:]
        images, filters, depth = step.y.shape[0], step.weight.shape[0], step.weight.shape[-1]
        dtype = step.weight.dtype
        self.weight = step.weight.reshape(filters, axes[0].kernel, CELLS**2, depth)
        self.spread = toom.squared(toom.matrices(TILE, CELLS)[1], dtype)
        self.ahead = Pass(TILE, axes, images, depth, filters, dtype, self.seats)
        ask = step.workspace
        shape = (axes[0].kernel, self.ahead.cells, filters, depth)
        self.constant = None
        if ask.copies and not step.primitive.connect:
            write = partial(_transform, self.spread, self.weight)
            self.constant = ask.constant(f"{step.primitive.weight} at points", shape, write)
        self.forward_weights = ask.forward_scratch((0,) if self.constant else shape)
        self.forward_rooms = self.rooms(*self.ahead.rooms())
        if backward:
            self.back = Pass(TILE, tuple(map(_flipped, axes)), images, filters, depth, dtype)
            sizes = zip(self.ahead.rooms(), self.back.rooms())
            self.backward_rooms = [ask.backward_scratch((max(each),)) for each in sizes]
            self.backward_weights = ask.backward_scratch(shape)
            self.part = ask.backward_scratch(shape[1:])

    @classmethod
    def suits(cls, step: Convolution) -> bool:
        down, along = (POINT, *step.axes)[-2:]
        return (
            step.primitive.groups == 1
            and len(step.axes) in (2, 3)
            and all(axis.stride == 1 and axis.dilation == 1 and axis.low < axis.kernel for axis in step.axes)
            and down.kernel == along.kernel == 3
        )

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        filters, *_, depth = step.weight.shape
        outer, down, along = (POINT, *step.axes)[-3:]
        tiles = step.y.shape[0] * outer.outputs * -(-down.outputs // TILE) * -(-along.outputs // TILE)
        cells = (TILE + CELLS - 1) ** 2
        products = cells * depth + TILE**2 * filters + outer.kernel * depth * filters
        each = tiles * cells * (products * PRODUCT + (depth + filters) * MOVED)
        weights = outer.kernel * cells * depth * filters * (READ if step.workspace.copies else WEIGHT)
        return float(each * 3 + weights * 2 if backward else each + weights)

    def arrays(self, buffer: Buffer) -> Array:
        """The images one after the other along the outer axis, too: (N, H, W, C)."""
        return buffer.array.reshape(-1, *buffer.shape[-3:])

    def before(self) -> Iterator[Call]:
        if not self.constant:
            yield partial(_transform, self.spread, self.weight, self.forward_weights.array)

    def calls(self, seat: int) -> Iterator[Call]:
        step = self.step
        weights = self.constant() if self.constant else self.forward_weights.array
        rooms = [room.array for room in self.forward_rooms[seat]]
        x, y = self.arrays(step.x[0]), self.arrays(step.y)
        for part in self.mine(self.ahead.parts, seat):
            yield partial(self.ahead.part, part, x, y, weights.swapaxes(2, 3), step.finishing.bias, rooms)
            for places in self.ahead.positions(part):
                yield from step.finishing.tail(places)

    def backward(self) -> None:
        step = self.step
        rooms = [room.array for room in self.backward_rooms]
        if step.dweight:
            total = self.backward_weights.array
            self.ahead.compare(self.arrays(step.x[0]), self.arrays(step.dy), total, self.part.array, rooms)
            target = step.dweight.array.reshape(self.weight.shape)
            np.matmul(self.spread.T, total.transpose(2, 0, 1, 3), out=target)
        if step.dx[0]:
            weights = self.backward_weights.array
            _transform(self.spread[:, ::-1], self.weight, weights)
            for part in self.back.parts:
                self.back.part(part, self.arrays(step.dy), self.arrays(step.dx[0]), weights[::-1], None, rooms)


def _transform(cells: Array, weight: Array, out: Array) -> None:
    """Writes G w G^T, (outer cells, cells, K, C)."""
    np.matmul(cells, weight, out=out.transpose(2, 0, 1, 3))


def _flipped(axis: Axis) -> Axis:
    """The axis of the convolution that makes the input's gradient."""
    return Axis(axis.outputs, axis.extent, axis.kernel, 1, 1, axis.kernel - 1 - axis.low)
