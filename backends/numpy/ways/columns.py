"""Convolution as a matrix product: the windows' cells are copied into the rows of a matrix, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import band
from ..axes import POINT
from ..calls import run
from ..copying import copy
from ..fold import Fold
from ..padding import frame
from ..parts import Part, largest, parts
from .base import COPIED, PRODUCT, Way, products

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array
    from ..rules.convolution import Convolution

BLOCK = 1 << 21  # bytes of columns that are made at a time, to be still in the cache when they are multiplied
POSITIONS = 512  # but no fewer rows than this: the weights are read anew for every block
KEPT = 1 << 22  # bytes of columns that training keeps for the backward run; more are made again


class Block(Part):
    """A part with its place in the positions of y; its rows are outputs of the first axis."""

    positions: slice


class Columns(Way):
    """Any convolution. Arrays have the groups first: columns (G, P, F*C/G), weights (G, K/G, F*C/G).

    A series is treated as an image of one row, so there are two axes at least. Outputs may be taken
    together (`band`): axes, kernel, filters and positions are meant so from here on.
    """

    @classmethod
    def suits(cls, step: Convolution) -> bool:  # noqa: ARG003
        return True

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        each = products(step) * PRODUCT + products(step) // step.weight.shape[0] * step.primitive.groups * COPIED
        return float(each * (3 if backward else 1))

    def __init__(self, step: Convolution, backward: bool) -> None:
        super().__init__(step, backward)
        self.groups = step.primitive.groups
        weight, axes = step.weight, step.axes
        if len(axes) == 1:
            weight, axes = weight[:, None], (POINT, *axes)
        *_, self.depth = weight.shape
        rows = prod(weight.shape[1:-2])
        folds = step.workspace.moves_input
        self.together = band.choose(axes[-1], rows, self.depth, weight.shape[0], folds) if self.groups == 1 else 1
        self.band = band.Band(weight, axes[-1], self.together) if self.together > 1 else None
        self.axes = (*axes[:-1], band.widened(axes[-1], self.together))
        self.weight = self.band.wide if self.band else weight
        self.filters, self.kernel = self.weight.shape[0], self.weight.shape[1:-1]
        self.outputs = tuple(axis.outputs for axis in self.axes)
        self.cells = prod(self.kernel) * self.depth
        self.matrix = self.weight.reshape(self.groups, -1, self.cells)
        self.blocks = tuple(self._blocks())
        self._ask(backward)

    def _blocks(self) -> Iterator[Block]:
        rows, row = self.outputs[0], prod(self.outputs[1:])
        position = self.cells * self.groups * self.weight.itemsize
        for part in parts(
            self.step.y.shape[0], rows, row * position, max(BLOCK, POSITIONS * position), seats=self.seats
        ):
            first = (part.images.start * rows + part.rows.start) * row
            yield Block(part.images, part.rows, slice(first, first + prod(part.shape) * row))

    def _ask(self, backward: bool) -> None:
        """Memory for the largest block, in both directions."""
        step, groups = self.step, self.groups
        images, rows = largest(self.blocks)
        positions = max((block.positions.stop - block.positions.start for block in self.blocks), default=0)
        self.spans = tuple(axis.span for axis in self.axes[1:])
        reach = (rows - 1) * self.axes[0].stride + self.axes[0].reach
        every, most = (groups * self.cells * count for count in (step.y.size // self.filters, positions))
        self.padding = any(axis.pads for axis in self.axes)
        padded = images * reach * prod(self.spans) * groups * self.depth if self.padding else 0
        ask = step.workspace
        self.keeps = backward and step.dweight is not None and every * self.weight.itemsize <= KEPT
        self.rooms_forward = self.rooms(0 if self.keeps else most, padded)
        self.columns_kept = ask.kept((every,)) if self.keeps else None
        if backward and step.dweight:
            self.columns_backward = self.columns_kept or ask.backward_scratch((most,))
            self.padded_backward = ask.backward_scratch((0 if self.keeps else padded,))
            self.sum = ask.backward_scratch(self.matrix.shape) if self.band else step.dweight
            self.part = ask.backward_scratch(self.matrix.shape)
        self.fold = Fold(self, images, rows, positions) if backward and step.dx[0] else None

    def input(self, array: Array) -> Array:
        """x or dx with two spatial axes at least."""
        return array[:, None] if array.ndim == 3 else array

    # forward

    def before(self) -> Iterator[Call]:
        if self.band:
            yield self.band.spread

    def calls(self, seat: int) -> Iterator[Call]:
        step = self.step
        x, y = self.input(step.x[0].array), step.y.array.reshape(-1, self.filters)
        weight = self.matrix.transpose(0, 2, 1)
        made, padded = self.rooms_forward[seat]
        for block in self.mine(self.blocks, seat):
            columns, places = self.room(block, (self.columns_kept or made).array), block.positions
            yield from self.gather(block, x, columns, padded.array)
            yield partial(np.matmul, columns, weight, out=self.grouped(y[places]))
            yield from step.finishing(slice(places.start * self.together, places.stop * self.together))

    def grouped(self, positions: Array) -> Array:
        """(P, K) as (G, P, K/G)."""
        return positions.reshape(len(positions), self.groups, -1).transpose(1, 0, 2)

    def room(self, block: Block, columns: Array) -> Array:
        """Where a block's columns are, (G, P, F*C/G)."""
        size, position = block.positions.stop - block.positions.start, self.groups * self.cells
        first = block.positions.start * position if self.keeps else 0
        return columns[first : first + size * position].reshape(self.groups, -1, self.cells)

    def gather(self, block: Block, x: Array, columns: Array, padded: Array) -> Iterator[Call]:
        """Writes the columns of a block."""
        source = self.rows(block, x)
        if self.padding:
            spans = ((block.shape[1] - 1) * self.axes[0].stride + self.axes[0].reach, *self.spans)
            room = padded[: block.shape[0] * prod(spans) * x.shape[-1]].reshape(block.shape[0], *spans, x.shape[-1])
            source, calls = frame(self.axes, block.images, block.rows, x, room)
            yield from calls
        image, *steps, channel = source.strides
        count = (block.shape[0], block.shape[1], *self.outputs[1:])
        positions = (image, *(axis.stride * step for axis, step in zip(self.axes, steps)))
        cells = (*(axis.dilation * step for axis, step in zip(self.axes, steps)), channel)
        shape = (self.groups, *count, *self.kernel, self.depth)
        windows = as_strided(source, shape, (self.depth * channel, *positions, *cells))
        yield copy(columns.reshape(shape), windows)

    def rows(self, block: Block, x: Array) -> Array:
        """The rows of the input that a block sees."""
        return x[block.images, block.rows.start * self.axes[0].stride :]

    # backward

    def backward(self) -> None:
        step = self.step
        dy = step.dy.array.reshape(-1, self.filters)
        for block in self.blocks:
            part = self.grouped(dy[block.positions])
            if step.dweight:
                self.add_weight_gradient(block, part)
            if self.fold and step.dx[0]:
                self.fold(block, part, self.input(step.dx[0].array))
        if step.dweight and self.band:
            self.band.gather(self.sum.array, out=step.dweight.array.reshape(self.band.weight.shape))

    def add_weight_gradient(self, block: Block, dy: Array) -> None:
        """dw += dy^T columns."""
        x = self.input(self.step.x[0].array)
        columns = self.room(block, self.columns_backward.array)
        if not self.keeps:
            run(self.gather(block, x, columns, self.padded_backward.array))
        total, first = self.sum.array.reshape(self.matrix.shape), block.positions.start == 0
        np.matmul(dy.transpose(0, 2, 1), columns, out=total if first else self.part.array)
        if not first:
            np.add(total, self.part.array, out=total)
