"""The input's gradient of a convolution: the products dy w, added where the windows were read."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import copying
from .axes import along

if TYPE_CHECKING:
    from .memory import Array
    from .ways.columns import Block, Columns


class Fold:
    """The transpose of what `Columns` does, one axis after the other.

    For each row f of the kernel the product dy w[:, f] is added where that row was read; what is then
    left are the same sums along the other axes. That is F_h + F_w long additions instead of F_h F_w
    short ones.
    """

    def __init__(self, of: Columns, images: int, rows: int, positions: int) -> None:
        self.of = of
        ask, rank = of.step.workspace.backward_scratch, len(of.kernel)
        self.span = (rows - 1) * of.axes[0].stride + of.axes[0].reach
        self.images = images
        # Outputs taken together are added a stretch at a time, so with the padding at its ends.
        self.frames = of.together > 1 and of.axes[-1].pads
        self.product = ask((of.groups * positions * (of.cells // of.kernel[0]),))
        self.stages = [ask(self.shape(axis)) for axis in range(1, rank)]
        self.framed = ask(self.shape(rank) if self.frames else (0,))
        short = of.depth < copying.SHORT
        self.room = ask((max(prod(stage.shape) for stage in self.stages) if short else 0,))

    def shape(self, axis: int) -> tuple[int, ...]:
        """What is left to do once the axes before `axis` are folded: inputs there, outputs and cells from it on."""
        of = self.of
        extents = [self.span, *(each.extent for each in of.axes[1:axis])]
        if axis == len(of.kernel):
            extents[-1] = of.axes[-1].span
        return (of.groups, self.images, *extents, *of.outputs[axis:], *of.kernel[axis:], of.depth)

    def __call__(self, block: Block, dy: Array, dx: Array) -> None:
        """Adds a block's part of dx; its first block of rows clears the images."""
        first = self.of.axes[0]
        if block.rows.start == 0:
            dx[block.images] = 0
        top = max(block.rows.start * first.stride - first.low, 0)
        bottom = min((block.rows.stop - 1) * first.stride - first.low + first.reach, first.extent)
        target = dx[block.images, top : max(bottom, top)]
        target = np.moveaxis(target.reshape(*target.shape[:-1], self.of.groups, self.of.depth), -2, 0)
        stages = [each.array[:, : block.shape[0], : target.shape[2]] for each in self.stages]
        for stage in stages:
            stage.fill(0)
        self.rows(block, dy, stages[0], top)
        for axis, (source, result) in enumerate(zip(stages, [*stages[1:], target]), start=1):
            if axis == len(self.of.kernel) - 1 and self.of.together > 1:
                self.stretches(source, result)
            else:
                self.axis(axis, source, result)

    def rows(self, block: Block, dy: Array, stage: Array, top: int) -> None:
        """The first axis: adds dy w[:, f] to the rows that row f of the kernel saw; `stage` begins at row `top`."""
        width = self.of.cells // self.of.kernel[0]
        weight = self.of.matrix.reshape(self.of.groups, -1, self.of.kernel[0], width)
        product = self.product.array[: self.of.groups * dy.shape[1] * width].reshape(self.of.groups, -1, width)
        shape = (self.of.groups, *block.shape, *self.of.outputs[1:], *self.of.kernel[1:], self.of.depth)
        for cell in range(self.of.kernel[0]):
            tap = self.of.axes[0].tap(cell, block.rows.start, block.rows.stop, top)
            if tap:
                np.matmul(dy, weight[:, :, cell], out=product)
                part = stage[:, :, tap.inputs]
                np.add(part, product.reshape(shape)[:, :, tap.outputs], out=part)

    def axis(self, axis: int, source: Array, target: Array) -> None:
        """Another axis: adds what each cell of the kernel saw."""
        for tap in self.of.axes[axis].taps:
            seen: tuple[Any, ...] = along(2 + axis, tap.outputs)
            seen += (*(slice(None),) * (len(self.of.kernel) - 1 - axis), tap.cell)
            copying.add(target[along(2 + axis, tap.inputs)], source[seen], self.room.array)

    def stretches(self, source: Array, target: Array) -> None:
        """The last axis of outputs taken together: their windows lie a stride of several cells apart.

        So the kernel is cut into stretches as long as the stride; those of all windows lie side by side.
        """
        axis = self.of.axes[-1]
        if self.frames:
            framed = self.framed.array[: target.shape[0], : target.shape[1], : target.shape[2]]
            framed.fill(0)
        else:
            framed = target
        *outer, cell, channel = framed.strides
        for start in range(0, axis.kernel, axis.stride):
            length = min(axis.stride, axis.kernel - start)
            shape = (*framed.shape[:-2], axis.outputs, length, self.of.depth)
            place = as_strided(
                framed[..., start:, :], shape, (*outer, axis.stride * cell, cell, channel), writeable=True
            )
            copying.add(place, source[..., start : start + length, :], self.room.array)
        if self.frames:
            seen = framed[..., axis.low : axis.low + axis.extent, :]
            part = target[..., : seen.shape[-2], :]
            np.add(part, seen, out=part)
