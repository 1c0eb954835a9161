"""Convolution as a matrix product: the windows' cells are copied into the rows of a matrix, piece by piece."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnndsl.record import Record

from . import band, channels
from .axes import Axis, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .memory import Array
    from .rules.convolution import Convolution

BLOCK = 1 << 21  # bytes of columns that are made at a time, to be still in the cache when they are multiplied
POSITIONS = 512  # but no fewer rows than this: the weights are read anew for every block

POINT = Axis(1, 1, 1, 1, 1, 0)


class Block(Record):
    """Some images, or some rows of one image (outputs of the first axis), with their place in the positions of y."""

    images: slice
    rows: slice
    positions: slice

    @property
    def shape(self) -> tuple[int, int]:
        return self.images.stop - self.images.start, self.rows.stop - self.rows.start


class Columns:
    """Any convolution. Arrays have the groups first: columns (G, P, F*C/G), weights (G, K/G, F*C/G).

    A series is treated as an image of one row, so there are two axes at least. Outputs may be taken
    together (`band`): axes, kernel, filters and positions are meant so from here on.
    """

    def __init__(self, step: Convolution, backward: bool) -> None:
        self.step = step
        self.groups = step.primitive.groups
        weight, axes = step.weight, step.axes
        if len(axes) == 1:
            weight, axes = weight[:, None], (POINT, *axes)
        *_, self.depth = weight.shape
        rows = prod(weight.shape[1:-2])
        self.together = band.choose(axes[-1], rows, self.depth, weight.shape[0]) if self.groups == 1 else 1
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
        images, rows, row = self.step.y.shape[0], self.outputs[0], prod(self.outputs[1:])
        position = self.cells * self.groups * self.weight.itemsize
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
        spans = ((rows - 1) * self.axes[0].stride + self.axes[0].reach, *(axis.span for axis in self.axes[1:]))
        columns = (groups * positions * self.cells,)
        self.padding = any(axis.pads for axis in self.axes)
        padded = (images, *spans, groups * self.depth) if self.padding else (0,)
        ask = step.workspace.forward_scratch
        self.columns_forward, self.padded_forward = ask(columns), ask(padded)
        if not backward:
            return
        ask = step.workspace.backward_scratch
        if step.dweight:
            self.columns_backward, self.padded_backward = ask(columns), ask(padded)
            self.sum, self.part = ask(self.matrix.shape), ask(self.matrix.shape)
        if step.dx[0]:
            self.product = ask((groups * positions * (self.cells // self.kernel[0]),))
            self.folds = [ask(self._fold_shape(axis, images, spans[0])) for axis in range(1, len(self.kernel))]
            self.framed = ask(self._fold_shape(len(self.kernel), images, spans[0]) if self.frames else (0,))

    def _fold_shape(self, axis: int, images: int, rows: int) -> tuple[int, ...]:
        """What is left to do once the axes before `axis` are folded: inputs there, outputs and cells from it on."""
        extents = [rows, *(each.extent for each in self.axes[1:axis])]
        if axis == len(self.kernel):
            extents[-1] = self.axes[-1].span
        return (self.groups, images, *extents, *self.outputs[axis:], *self.kernel[axis:], self.depth)

    @property
    def frames(self) -> bool:
        """Whether the last axis is folded with its padding: outputs taken together are added a stretch at a time."""
        return self.together > 1 and self.axes[-1].pads

    def input(self, array: Array) -> Array:
        """x or dx with two spatial axes at least."""
        return array[:, None] if array.ndim == 3 else array

    # forward

    def forward(self) -> None:
        step = self.step
        x, y = self.input(step.x[0].array), step.y.array.reshape(-1, self.filters)
        weight = self.matrix.transpose(0, 2, 1)
        bias = None if step.bias is None else channels.tile(step.bias)
        if self.band:
            self.band.spread()
        for block in self.blocks:
            part = y[block.positions]
            columns = self.gather(block, x, self.columns_forward.array, self.padded_forward.array)
            np.matmul(columns, weight, out=self.grouped(part))
            if bias is not None:
                channels.apply(np.add, part, bias, out=part)

    def grouped(self, positions: Array) -> Array:
        """(P, K) as (G, P, K/G)."""
        return positions.reshape(len(positions), self.groups, -1).transpose(1, 0, 2)

    def gather(self, block: Block, x: Array, room: Array, padded: Array) -> Array:
        """The columns of a block, (G, P, F*C/G)."""
        source = self.pad(block, x, padded) if self.padding else self.rows(block, x)
        image, *steps, channel = source.strides
        count = (block.shape[0], block.shape[1], *self.outputs[1:])
        positions = (image, *(axis.stride * step for axis, step in zip(self.axes, steps)))
        cells = (*(axis.dilation * step for axis, step in zip(self.axes, steps)), channel)
        shape = (self.groups, *count, *self.kernel, self.depth)
        columns = room[: prod(shape)].reshape(shape)
        np.copyto(columns, as_strided(source, shape, (self.depth * channel, *positions, *cells)))
        return columns.reshape(self.groups, -1, self.cells)

    def rows(self, block: Block, x: Array) -> Array:
        """The rows of the input that a block sees."""
        return x[block.images, block.rows.start * self.axes[0].stride :]

    def pad(self, block: Block, x: Array, room: Array) -> Array:
        """The rows of the input that a block sees, with their padding."""
        first, *others = self.axes
        top = block.rows.start * first.stride - first.low
        span = (block.shape[1] - 1) * first.stride + first.reach
        target = room[: block.shape[0], :span]
        frames = [(top, span, first.extent), *((-axis.low, axis.span, axis.extent) for axis in others)]
        source_parts, target_parts = [block.images], [slice(None)]
        for axis, (begin, length, extent) in enumerate(frames, start=1):
            low = min(max(begin, 0), begin + length)
            high = max(min(begin + length, extent), low)
            target[along(axis, slice(0, low - begin))] = 0
            target[along(axis, slice(high - begin, length))] = 0
            source_parts.append(slice(low, high))
            target_parts.append(slice(low - begin, high - begin))
        target[tuple(target_parts)] = x[tuple(source_parts)]
        return target

    # backward

    def backward(self) -> None:
        step = self.step
        dy = step.dy.array.reshape(-1, self.filters)
        for block in self.blocks:
            part = self.grouped(dy[block.positions])
            if step.dweight:
                self.add_weight_gradient(block, part)
            if step.dx[0]:
                self.fold(block, part, self.input(step.dx[0].array))
        if step.dweight:
            if self.band:
                self.band.gather(self.sum.array, out=step.dweight.array.reshape(self.band.weight.shape))
            else:
                np.copyto(step.dweight.array.reshape(self.matrix.shape), self.sum.array)

    def add_weight_gradient(self, block: Block, dy: Array) -> None:
        """dw += dy^T columns."""
        x = self.input(self.step.x[0].array)
        columns = self.gather(block, x, self.columns_backward.array, self.padded_backward.array)
        first = block.positions.start == 0
        np.matmul(dy.transpose(0, 2, 1), columns, out=(self.sum if first else self.part).array)
        if not first:
            np.add(self.sum.array, self.part.array, out=self.sum.array)

    def fold(self, block: Block, dy: Array, dx: Array) -> None:
        """dx += the transpose of what `gather` and the product with the weights do, one axis after the other.

        For each row f of the kernel the product dy w[:, f] is added where that row was read; what is
        then left are the same sums along the other axes. That is F_h + F_w long additions instead of
        F_h F_w short ones.
        """
        first = self.axes[0]
        if block.rows.start == 0:
            dx[block.images] = 0
        top = max(block.rows.start * first.stride - first.low, 0)
        bottom = min((block.rows.stop - 1) * first.stride - first.low + first.reach, first.extent)
        target = dx[block.images, top : max(bottom, top)]
        target = np.moveaxis(target.reshape(*target.shape[:-1], self.groups, self.depth), -2, 0)
        stages = [each.array[:, : block.shape[0], : target.shape[2]] for each in self.folds]
        for stage in stages:
            stage.fill(0)
        self.fold_rows(block, dy, stages[0], top)
        for axis, (source, result) in enumerate(zip(stages, [*stages[1:], target]), start=1):
            if axis == len(self.kernel) - 1 and self.together > 1:
                self.fold_stretches(source, result)
            else:
                self.fold_axis(axis, source, result)

    def fold_rows(self, block: Block, dy: Array, stage: Array, top: int) -> None:
        """The first axis: adds dy w[:, f] to the rows that row f of the kernel saw; `stage` begins at row `top`."""
        width = self.cells // self.kernel[0]
        weight = self.matrix.reshape(self.groups, -1, self.kernel[0], width)
        product = self.product.array[: self.groups * dy.shape[1] * width].reshape(self.groups, -1, width)
        shape = (self.groups, *block.shape, *self.outputs[1:], *self.kernel[1:], self.depth)
        for cell in range(self.kernel[0]):
            tap = self.axes[0].tap(cell, block.rows.start, block.rows.stop, top)
            if tap:
                np.matmul(dy, weight[:, :, cell], out=product)
                part = stage[:, :, tap.inputs]
                np.add(part, product.reshape(shape)[:, :, tap.outputs], out=part)

    def fold_axis(self, axis: int, source: Array, target: Array) -> None:
        """Another axis: adds what each cell of the kernel saw."""
        for tap in self.axes[axis].taps:
            seen: tuple[Any, ...] = along(2 + axis, tap.outputs)
            seen += (*(slice(None),) * (len(self.kernel) - 1 - axis), tap.cell)
            part = target[along(2 + axis, tap.inputs)]
            np.add(part, source[seen], out=part)

    def fold_stretches(self, source: Array, target: Array) -> None:
        """The last axis of outputs taken together: their windows lie a stride of several cells apart.

        So the kernel is cut into stretches as long as the stride; those of all windows lie side by side.
        """
        axis = self.axes[-1]
        if self.frames:
            framed = self.framed.array[: target.shape[0], : target.shape[1], : target.shape[2]]
            framed.fill(0)
        else:
            framed = target
        *outer, cell, channel = framed.strides
        for start in range(0, axis.kernel, axis.stride):
            length = min(axis.stride, axis.kernel - start)
            shape = (*framed.shape[:-2], axis.outputs, length, self.depth)
            place = as_strided(
                framed[..., start:, :], shape, (*outer, axis.stride * cell, cell, channel), writeable=True
            )
            np.add(place, source[..., start : start + length, :], out=place)
        if self.frames:
            seen = framed[..., axis.low : axis.low + axis.extent, :]
            part = target[..., : seen.shape[-2], :]
            np.add(part, seen, out=part)
