"""Convolution as a matrix product: the windows' cells are copied into the rows of a matrix, piece by piece."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnndsl.record import Record

from . import channels
from .axes import along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .memory import Array
    from .rules.convolution import Convolution

BLOCK = 1 << 21  # bytes of columns that are made at a time, to be still in the cache when they are multiplied
POSITIONS = 512  # but no fewer rows than this: the weights are read anew for every block


class Block(Record):
    """Some images, or some rows of one image (an axis's outputs), with their place in the positions of y."""

    images: slice
    rows: slice
    positions: slice

    @property
    def shape(self) -> tuple[int, int]:
        return self.images.stop - self.images.start, self.rows.stop - self.rows.start


class Columns:
    """Any convolution. Arrays have the groups first: columns (G, positions, F*C/G), weights (G, K/G, F*C/G).

    Where a window's row is short (few channels), copying along it is slow: then the columns lie the
    other way round, (G, F*C/G, positions), and are copied along the outputs.
    """

    def __init__(self, step: Convolution, backward: bool) -> None:
        self.step = step
        self.groups = step.primitive.groups
        self.filters, self.kernel, self.depth = step.weight.shape[0], step.weight.shape[1:-1], step.weight.shape[-1]
        self.outputs = step.y.shape[1:-1]
        self.cells = prod(self.kernel) * self.depth
        self.matrix = step.weight.reshape(self.groups, -1, self.cells)
        run = self.depth * (self.kernel[-1] if step.primitive.dilation[-1] == 1 else 1)
        self.crosswise = self.outputs[-1] > 2 * run
        self.blocks = tuple(self._blocks())
        self._ask(backward)

    def _blocks(self) -> Iterator[Block]:
        images, rows, row = self.step.y.shape[0], self.outputs[0], prod(self.outputs[1:])
        position = self.cells * self.groups * self.step.weight.itemsize
        budget = max(BLOCK, POSITIONS * position)
        if rows * row * position <= budget:
            for part in channels.pieces(images, rows * row * position, budget):
                yield Block(part, slice(0, rows), slice(part.start * rows * row, part.stop * rows * row))
            return
        for image in range(images):
            for part in channels.pieces(rows, row * position, budget):
                first = image * rows * row
                positions = slice(first + part.start * row, first + part.stop * row)
                yield Block(slice(image, image + 1), part, positions)

    def _ask(self, backward: bool) -> None:
        """Memory for the largest block, in both directions."""
        step, groups = self.step, self.groups
        images = max((block.shape[0] for block in self.blocks), default=0)
        rows = max((block.shape[1] for block in self.blocks), default=0)
        positions = max((block.positions.stop - block.positions.start for block in self.blocks), default=0)
        spans = ((rows - 1) * step.axes[0].stride + step.axes[0].reach, *(axis.span for axis in step.axes[1:]))
        padded = (images, *spans, groups * self.depth)
        columns = (groups * positions * self.cells,)
        self.padding = any(axis.low > 0 or axis.span - axis.low > axis.extent for axis in step.axes)
        ask = step.workspace.forward_scratch
        self.columns_forward, self.padded_forward = ask(columns), ask(padded if self.padding else (0,))
        if not backward:
            return
        ask = step.workspace.backward_scratch
        if step.dweight:
            self.columns_backward, self.padded_backward = ask(columns), ask(padded if self.padding else (0,))
            self.part = ask(self.matrix.shape)
        if step.dx[0]:
            self.product = ask((groups * positions * (self.cells // self.kernel[0]),))
            self.folds = [ask(self._fold_shape(axis, images, spans[0])) for axis in range(1, len(self.kernel))]

    def _fold_shape(self, axis: int, images: int, rows: int) -> tuple[int, ...]:
        """What is left to do once the axes before `axis` are folded: inputs there, outputs and cells from it on."""
        extents = (rows, *(each.extent for each in self.step.axes[1:axis]))
        return (self.groups, images, *extents, *self.outputs[axis:], *self.kernel[axis:], self.depth)

    # forward

    def forward(self) -> None:
        step = self.step
        y = step.y.array.reshape(-1, self.filters)
        weight = self.matrix.transpose(0, 2, 1)
        bias = None if step.bias is None else channels.tile(step.bias)
        for block in self.blocks:
            part = y[block.positions]
            columns = self.gather(block, self.columns_forward.array, self.padded_forward.array)
            np.matmul(columns, weight, out=self.grouped(part))
            if bias is not None:
                channels.apply(np.add, part, bias, out=part)

    def grouped(self, positions: Array) -> Array:
        """(P, K) as (G, P, K/G)."""
        return positions.reshape(len(positions), self.groups, -1).transpose(1, 0, 2)

    def gather(self, block: Block, room: Array, padded: Array) -> Array:
        """The columns of a block, (G, P, F*C/G)."""
        source = self.padded(block, padded) if self.padding else self.rows(block)
        image, *steps, channel = source.strides
        axes = self.step.axes
        count = (block.shape[0], block.shape[1], *self.outputs[1:])
        positions = (image, *(axis.stride * step for axis, step in zip(axes, steps)))
        cells = (*(axis.dilation * step for axis, step in zip(axes, steps)), channel)
        group, size = self.depth * channel, self.groups * prod(count) * self.cells
        if self.crosswise:
            shape, strides = (*self.kernel, self.depth, *count), (*cells, *positions)
        else:
            shape, strides = (*count, *self.kernel, self.depth), (*positions, *cells)
        windows = as_strided(source, (self.groups, *shape), (group, *strides))
        columns = room[:size].reshape(windows.shape)
        np.copyto(columns, windows)
        if self.crosswise:
            return columns.reshape(self.groups, self.cells, -1).transpose(0, 2, 1)
        return columns.reshape(self.groups, -1, self.cells)

    def rows(self, block: Block) -> Array:
        """The rows of the input that a block sees."""
        return self.step.x[0].array[block.images, block.rows.start * self.step.axes[0].stride :]

    def padded(self, block: Block, room: Array) -> Array:
        """The rows of the input that a block sees, with their padding."""
        first, *others = self.step.axes
        top = block.rows.start * first.stride - first.low
        span = (block.shape[1] - 1) * first.stride + first.reach
        source, target = self.step.x[0].array[block.images], room[: block.shape[0], :span]
        frames = [(top, span, first.extent), *((-axis.low, axis.span, axis.extent) for axis in others)]
        inner_source, inner_target = [slice(None)], [slice(None)]
        for axis, (begin, length, extent) in enumerate(frames, start=1):
            low, high = max(begin, 0), min(begin + length, extent)
            target[along(axis, slice(0, low - begin))] = 0
            target[along(axis, slice(max(high - begin, 0), length))] = 0
            inner_source.append(slice(low, max(high, low)))
            inner_target.append(slice(low - begin, max(high, low) - begin))
        target[tuple(inner_target)] = source[tuple(inner_source)]
        return target

    # backward

    def backward(self) -> None:
        step = self.step
        dy = step.dy.array.reshape(-1, self.filters)
        for block in self.blocks:
            if step.dweight:
                self.add_weight_gradient(block, self.grouped(dy[block.positions]), step.dweight.array)
            if step.dx[0]:
                self.fold(block, self.grouped(dy[block.positions]), step.dx[0].array)

    def add_weight_gradient(self, block: Block, dy: Array, dweight: Array) -> None:
        """dw += dy^T columns."""
        total = dweight.reshape(self.matrix.shape)
        columns = self.gather(block, self.columns_backward.array, self.padded_backward.array)
        first = block.positions.start == 0
        np.matmul(dy.transpose(0, 2, 1), columns, out=total if first else self.part.array)
        if not first:
            np.add(total, self.part.array, out=total)

    def fold(self, block: Block, dy: Array, dx: Array) -> None:
        """dx += the transpose of what `gather` and the product with the weights do, one axis after the other.

        For each row f of the kernel the product dy w[:, f] is added where that row was read; what is
        then left are the same sums along the other axes. That is F_h + F_w long additions instead of
        F_h F_w short ones.
        """
        first = self.step.axes[0]
        if block.rows.start == 0:
            dx[block.images] = 0
        top = max(block.rows.start * first.stride - first.low, 0)
        bottom = min((block.rows.stop - 1) * first.stride - first.low + first.reach, first.extent)
        target = dx[block.images, top : max(bottom, top)]
        target = np.moveaxis(target.reshape(*target.shape[:-1], self.groups, self.depth), -2, 0)
        stages = [each.array[:, : block.shape[0], : target.shape[2]] for each in self.folds]
        for stage in stages:
            stage.fill(0)
        stages.append(target)
        self.fold_rows(block, dy, stages[0], top)
        for axis in range(1, len(self.kernel)):
            for tap in self.step.axes[axis].taps:
                source: tuple[Any, ...] = along(2 + axis, tap.outputs)
                source += (*(slice(None),) * (len(self.kernel) - 1 - axis), tap.cell)
                part = stages[axis][along(2 + axis, tap.inputs)]
                np.add(part, stages[axis - 1][source], out=part)

    def fold_rows(self, block: Block, dy: Array, stage: Array, top: int) -> None:
        """The first axis: adds dy w[:, f] to the rows that row f of the kernel saw; `stage` begins at row `top`."""
        width = self.cells // self.kernel[0]
        weight = self.matrix.reshape(self.groups, -1, self.kernel[0], width)
        product = self.product.array[: self.groups * dy.shape[1] * width].reshape(self.groups, -1, width)
        shape = (self.groups, *block.shape, *self.outputs[1:], *self.kernel[1:], self.depth)
        for cell in range(self.kernel[0]):
            tap = self.step.axes[0].tap(cell, block.rows.start, block.rows.stop, top)
            if tap:
                np.matmul(dy, weight[:, :, cell], out=product)
                part = stage[:, :, tap.inputs]
                np.add(part, product.reshape(shape)[:, :, tap.outputs], out=part)
