"""An axis reduced to the one value, or the mean of the two, that some of its cells hold."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.primitives import Reduce

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array, Buffer

Values = tuple["Array", ...]


class Reduction(Rule[Reduce]):
    """y = the mean of the values; dy goes in equal shares to the first cell that holds each of them.

    Arrays are looked at as (before, axis, behind), some of those before at a time, the axis first.
    """

    many: ClassVar[int] = 1

    def prepare(self, backward: bool) -> None:
        x = self.x[0].shape
        axis = len(x) + self.primitive.axis
        self.length, self.behind = x[axis], prod(x[axis + 1 :])
        dtype = np.uint8 if self.length <= 256 else np.int32
        self.holders = [self.workspace.kept(self.y.shape, dtype) for _ in range(self.many)] if backward else []
        row = self.length * self.behind * self.x[0].dtype.itemsize
        self.pieces = tuple(channels.pieces(prod(x[:axis]), row, channels.MADE))

    def cells(self, buffer: Buffer, part: slice) -> Array:
        """A part of an array like x, the axis first."""
        return buffer.array.reshape(-1, self.length, self.behind)[part].transpose(1, 0, 2)

    def results(self, buffer: Buffer, part: slice) -> Array:
        """The same part of an array like y."""
        return buffer.array.reshape(-1, self.behind)[part]

    def values(self, cells: Array) -> Values:
        """The values that are averaged."""
        raise NotImplementedError

    def forward(self) -> None:
        for part in self.pieces:
            cells = self.cells(self.x[0], part)
            values = self.values(cells)
            np.divide(sum(values), self.many, out=self.results(self.y, part))
            for holder, value in zip(self.holders, values):
                self.find(cells, value, self.results(holder, part))

    def find(self, cells: Array, value: Array, place: Array) -> None:
        """Writes the number of the first cell that holds a value: how many come before it."""
        place.fill(0)
        missing = np.ones(value.shape, np.bool_)
        for cell in cells:
            missing &= cell != value
            place += missing

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        for part in self.pieces:
            share = self.results(self.dy, part) / self.many
            for number, cell in enumerate(self.cells(self.dx[0], part)):
                first, *others = (share * (self.results(holder, part) == number) for holder in self.holders)
                np.copyto(cell, sum(others, first))


@rule(Reduce, "max")
class Max(Reduction):
    """The largest."""

    def values(self, cells: Array) -> Values:
        return (reduce(np.maximum, cells),)


@rule(Reduce, "median")
class Median(Reduction):
    """The middle two of the finite cells in rising order, which are the same one if their number is odd."""

    many: ClassVar[int] = 2

    def values(self, cells: Array) -> Values:
        order, count = np.sort(cells, axis=0), np.sum(cells < np.inf, axis=0, keepdims=True)
        middle = np.maximum(count - 1, 0) // 2, count // 2
        return tuple(np.take_along_axis(order, place, axis=0)[0] for place in middle)


@rule(Reduce, "mode")
class Mode(Reduction):
    """The first of the longest runs of equal finite cells in rising order."""

    def values(self, cells: Array) -> Values:
        order = np.sort(cells, axis=0)
        found, run, longest = order[0].copy(), np.ones(order[0].shape, np.int32), np.ones(order[0].shape, np.int32)
        for before, cell in pairwise(order):
            run = np.where(cell == before, run + 1, 1)
            longer = (run > longest) & (cell < np.inf)
            np.copyto(found, cell, where=longer)
            np.copyto(longest, run, where=longer)
        return (found,)
