"""Pools. A window is taken apart: first along its rows, then down its columns, which is fewer operations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cnndsl.program import AveragePool, GlobalAverage, MaxPool

from .. import channels
from ..axes import Axis, along, axes
from ..calls import run
from ..copying import copy
from .base import Rule, rule

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array, Buffer

SHARED = 1 << 17  # elements that several threads share
READ = 128  # elements of a row of less than which NumPy's loops read twice cost more than a copy
WRITTEN = 48  # and written: rows of so many lie apart

P = TypeVar("P", bound=MaxPool | AveragePool)


class Pool(Rule[P]):
    """The stages of a pool: one for each spatial axis, the last axis (along a row) first, or last if `downwards`.

    `shapes` are those between the stages, from x to y; `pieces` are as many images as fit the cache.
    """

    downwards = False
    stages: tuple[tuple[int, Axis], ...]
    shapes: list[tuple[int, ...]]

    def prepare(self, backward: bool) -> None:
        p, x, y = self.primitive, self.x[0].shape, self.y.shape
        found = axes(x[1:-1], y[1:-1], p.kernel, p.stride, p.dilation, p.pads)
        stages = [(number, found[number - 1]) for number in range(len(found), 0, -1)]
        self.stages = tuple(reversed(stages) if self.downwards else stages)
        self.shapes = [x]
        for number, axis in self.stages:
            self.shapes.append((*self.shapes[-1][:number], axis.outputs, *self.shapes[-1][number + 1 :]))
        self.pieces = list(channels.pieces(x[0], prod(x[1:]) * self.x[0].dtype.itemsize))
        self.images = max((part.stop - part.start for part in self.pieces), default=0)
        ask = self.workspace
        self.between_forward = [ask.forward_scratch((self.images, *shape[1:])) for shape in self.shapes[1:-1]]
        if backward:
            self.between_backward = [ask.backward_scratch((self.images, *shape[1:])) for shape in self.shapes[1:-1]]

    def chain(self, part: slice, first: Buffer, between: list[Buffer], last: Buffer) -> list[Array]:
        """The arrays between the stages, for some images."""
        count = part.stop - part.start
        return [first.array[part], *(buffer.array[:count] for buffer in between), last.array[part]]


@rule(MaxPool)
class Largest(Pool[MaxPool]):
    """y[o] = max over f of x[o*S + f*D - P]; dx = dy where x was the first largest in reading order, else 0.

    Of each row the first largest is kept, then of the rows the first: that is the first in reading
    order. Each stage keeps the number of the winning cell in a byte, so neither x nor y is read again.
    Without a way back nobody asks which it was: then whole rows come first, which are longer.
    """

    def prepare(self, backward: bool) -> None:
        self.downwards = not backward
        super().prepare(backward)
        self.winners: list[Buffer] = []
        size = (self.images * max(prod(shape[1:]) for shape in self.shapes),)
        self.flags_forward = self.workspace.forward_scratch(size, np.bool_)
        self.seen = self.workspace.forward_scratch(size if backward else (0,))
        if backward:
            dtype = np.uint8 if max(self.primitive.kernel) <= 256 else np.int32
            self.winners = [self.workspace.kept(shape, dtype) for shape in self.shapes[1:]]
            self.flags = self.workspace.backward_scratch(size, np.bool_)
            self.room = self.workspace.backward_scratch(size)

    def forward(self) -> None:
        if not self.winners:
            run(self.calls())
            return
        for part in self.pieces:
            arrays = self.chain(part, self.x[0], self.between_forward, self.y)
            for stage, (number, axis) in enumerate(self.stages):
                self.reduce(number, axis, arrays[stage], arrays[stage + 1], self.winners[stage].array[part])

    def calls(self, seat: int = 0) -> Iterator[Call]:
        seats = self.workspace.seats if self.x[0].size >= SHARED else 1
        rows = channels.share(self.y.shape[1], seat, seats) if seat < seats else slice(0, 0)
        for part in self.pieces if rows.start < rows.stop else ():
            source, *arrays = self.chain(part, self.x[0], self.between_forward, self.y)
            arrays = [source, *(array[:, rows] for array in arrays)]
            for stage, (number, axis) in enumerate(self.stages):
                along_rows = rows if number == 1 else slice(0, axis.outputs)
                yield from largest(number, axis, along_rows, arrays[stage], arrays[stage + 1])

    def reduce(self, number: int, axis: Axis, x: Array, y: Array, winner: Array) -> None:
        """The largest along one axis, and which cell it was."""
        first, *others = axis.taps
        if first.full:
            copy(y, x[along(number, first.inputs)])()
        else:
            y.fill(-np.inf)
        winner.fill(first.cell)
        for tap in others if first.full else axis.taps:
            seen, best = x[along(number, tap.inputs)], y[along(number, tap.outputs)]
            if prod(x.shape[number + 1 :]) < READ:
                near = self.seen.array[: best.size].reshape(best.shape)
                copy(near, seen)()
                seen = near
            self.note(winner[along(number, tap.outputs)], seen, best, tap.cell)
            np.maximum(best, seen, out=best)

    def note(self, winner: Array, seen: Array, best: Array, cell: int) -> None:
        """Cell number `cell` wins where it is larger than the best so far; cells come in rising order."""
        wins = self.flags_forward.array[: best.size].reshape(best.shape)
        np.greater(seen, best, out=wins)
        if winner.itemsize == 1:  # a product and a maximum of bytes are faster than a copy where it is true
            numbers = wins.view(np.uint8)
            np.multiply(numbers, cell, out=numbers)
            np.maximum(winner, numbers, out=winner)
        else:
            np.copyto(winner, cell, where=wins)

    def backward(self) -> None:
        dx = self.dx[0]
        assert dx is not None, "it has no parameters"
        for part in self.pieces:
            arrays = self.chain(part, dx, self.between_backward, self.dy)
            for stage in range(len(self.stages) - 1, -1, -1):
                number, axis = self.stages[stage]
                self.spread(number, axis, arrays[stage], arrays[stage + 1], self.winners[stage].array[part])

    def spread(self, number: int, axis: Axis, dx: Array, dy: Array, winner: Array) -> None:
        """Each dy goes to the cell that won."""
        if axis.plain:
            np.copyto(dx, dy)
            return
        if not axis.tiles:
            dx.fill(0)
        row = prod(dx.shape[number + 1 :])
        for tap in axis.taps:
            place, target = winner[along(number, tap.outputs)], dx[along(number, tap.inputs)]
            won = self.flags.array[: place.size].reshape(place.shape)
            np.equal(place, tap.cell, out=won)
            given = dy[along(number, tap.outputs)]
            if axis.tiles and row >= WRITTEN:
                np.multiply(given, won, out=target)
                continue
            room = np.multiply(given, won, out=self.room.array[: target.size].reshape(target.shape))
            if axis.tiles:
                copy(target, room)()
            else:
                np.add(target, room, out=target)


def largest(number: int, axis: Axis, outputs: slice, x: Array, y: Array) -> Iterator[Call]:
    """Writes some of the largest along one axis."""
    seen = (axis.tap(cell, outputs.start, outputs.stop) for cell in range(axis.kernel))
    taps = sorted(filter(None, seen), key=lambda tap: not tap.full)
    full = [x[along(number, tap.inputs)] for tap in taps if tap.full]
    if len(full) > 1:
        yield partial(np.maximum, full[0], full[1], out=y)
    elif full:
        yield partial(np.copyto, y, full[0])
    else:
        yield partial(y.fill, -np.inf)
    for tap in taps[min(len(full), 2) :]:
        best = y[along(number, tap.outputs)]
        yield partial(np.maximum, best, x[along(number, tap.inputs)], out=best)


@rule(AveragePool)
class Average(Pool[AveragePool]):
    """y[o] = sum over f of x[o*S + f*D - P] / n[o]; dx = the sum of dy[o] / n[o] over the windows that see x.

    n[o] counts the window's cells within the input and the counted part of its padding.
    """

    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        counts: Any = np.ones(())
        for number, axis in reversed(self.stages):
            low, high = self.primitive.counted[number - 1]
            counts = counts[..., None] * np.array([_cells(axis, o, low, high) for o in range(axis.outputs)])
        self.share = (1.0 / np.maximum(counts, 1))[..., None].astype(self.y.dtype)
        self.given = self.workspace.backward_scratch((self.images, *self.y.shape[1:])) if backward else None

    def forward(self) -> None:
        for part in self.pieces:
            arrays = self.chain(part, self.x[0], self.between_forward, self.y)
            for stage, (number, axis) in enumerate(self.stages):
                self.reduce(number, axis, arrays[stage], arrays[stage + 1])
            np.multiply(arrays[-1], self.share, out=arrays[-1])

    def reduce(self, number: int, axis: Axis, x: Array, y: Array) -> None:
        """The sum along one axis."""
        first, *others = axis.taps
        if first.full:
            np.copyto(y, x[along(number, first.inputs)])
        else:
            y.fill(0)
            others = list(axis.taps)
        for tap in others:
            target = y[along(number, tap.outputs)]
            np.add(target, x[along(number, tap.inputs)], out=target)

    def backward(self) -> None:
        dx, given = self.dx[0], self.given
        assert dx is not None and given is not None, "it has no parameters"
        for part in self.pieces:
            arrays = self.chain(part, dx, self.between_backward, self.dy)
            count = part.stop - part.start
            arrays[-1] = np.multiply(arrays[-1], self.share, out=given.array[:count])
            for stage in range(len(self.stages) - 1, -1, -1):
                number, axis = self.stages[stage]
                self.spread(number, axis, arrays[stage], arrays[stage + 1])

    def spread(self, number: int, axis: Axis, dx: Array, dy: Array) -> None:
        """Each dy goes to all cells of its window."""
        if axis.tiles:
            for tap in axis.taps:
                np.copyto(dx[along(number, tap.inputs)], dy[along(number, tap.outputs)])
            return
        dx.fill(0)
        for tap in axis.taps:
            target = dx[along(number, tap.inputs)]
            np.add(target, dy[along(number, tap.outputs)], out=target)


def _cells(axis: Axis, output: int, low: int, high: int) -> int:
    """How many cells of a window count: those from -low to extent + high."""
    places = (output * axis.stride + cell * axis.dilation - axis.low for cell in range(axis.kernel))
    return sum(-low <= place < axis.extent + high for place in places)


@rule(GlobalAverage)
class GlobalMean(Rule[GlobalAverage]):
    """y = mean of x over all positions; dx = dy / their number, everywhere."""

    def flat(self, array: Array) -> Array:
        return array.reshape(len(array), -1, array.shape[-1])

    def forward(self) -> None:
        np.mean(self.flat(self.x[0].array), axis=1, keepdims=True, out=self.flat(self.y.array))

    def backward(self) -> None:
        dx = self.dx[0]
        assert dx is not None, "it has no parameters"
        flat = self.flat(dx.array)
        np.divide(self.flat(self.dy.array), flat.shape[1], out=flat)
