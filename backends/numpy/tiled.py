"""Convolution with a kernel of 3 by 3 cells tile by tile, in fewer multiplications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from . import toom
from .axes import Axis
from .calls import Call, run
from .parts import Part, largest, parts
from .tiles import Grid

if TYPE_CHECKING:
    from .memory import Array

CELLS = 3  # of the kernel along an axis
BUDGET = 1 << 20  # bytes of tiles at a time
FEWEST = 48  # tiles at a time, as the weights are read for each part
Rooms = list["Array"]
Bias = Callable[["Array"], Iterable[Call]]


class Pass:
    """y = x * w in one direction, part by part; `outer` is an axis besides that is done cell by cell.

    The transforms of all tiles' cells are matrix products too: B^T d B is (B ⊗ B)^T with the cells of d in a row.
    """

    def __init__(
        self,
        tile: int,
        axes: tuple[Axis, ...],
        images: int,
        depth: int,
        filters: int,
        dtype: np.dtype[Any],
        seats: int = 1,
    ) -> None:
        self.outer, *flat = axes
        self.depth, self.filters = depth, filters
        self.seen, self.made = (Grid(*(kind(axis, tile) for axis in flat)) for kind in (_seen, _made))
        self.cells = self.seen.size**2
        a, _, b = toom.matrices(tile, CELLS)
        self.look, self.show = toom.squared(b, dtype), toom.squared(a, dtype)
        down, along = (axis.outputs for axis in self.seen.axes)
        tile = self.cells * max(depth, filters) * dtype.itemsize
        row = max(self.outer.extent, self.outer.outputs) * along * tile
        alone, budget = not self.outer.plain, max(BUDGET, FEWEST * tile)
        self.parts = tuple(parts(images, down, row, budget, alone=alone, seats=seats))

    def rooms(self) -> tuple[int, int, int, int]:
        """How many numbers it needs for tiles, their transforms, products to be added, and padding."""
        images, rows = largest(self.parts)
        tiles = images * rows * self.seen.axes[1].outputs * self.cells
        reads, writes = self.outer.extent * self.depth, self.outer.outputs * self.filters
        framed = self.seen.framed(images * self.outer.extent, rows, self.depth)
        framed = max(framed, self.made.framed(images * self.outer.outputs, rows, self.filters))
        return tiles * max(reads, writes), tiles * max(reads, writes), tiles * writes, framed

    def frames(self, part: Part, count: int) -> Part:
        """A part of arrays where each image is `count`."""
        return Part(slice(part.images.start * count, part.images.stop * count), part.rows)

    def values(self, x: Array, part: Part, rooms: Rooms) -> Array:
        """B^T d B of a part's tiles, (cells, outer, tiles, C), in the second room."""
        tiles = self.seen.gather(x, self.frames(part, self.outer.extent), rooms[0], rooms[3])
        found = np.matmul(self.look, tiles, out=rooms[1][: tiles.size].reshape(tiles.shape))
        return found.reshape(self.cells, self.outer.extent, -1, self.depth)

    def positions(self, part: Part) -> Iterator[slice]:
        """Where the outputs of a part are among all, stretch by stretch: some rows of several frames lie apart."""
        down, along = (axis.extent for axis in self.made.axes)
        images, rows = self.frames(part, self.outer.outputs).images, part.rows
        if rows.stop - rows.start == self.made.axes[0].outputs:
            yield slice(images.start * down * along, images.stop * down * along)
            return
        first, last = rows.start * self.made.size, min(rows.stop * self.made.size, down)
        for image in range(images.start, images.stop):
            yield slice((image * down + first) * along, (image * down + last) * along)

    def part(self, part: Part, x: Array, y: Array, weights: Array, bias: Bias | None, rooms: Rooms) -> None:
        """Writes a part of y. `weights` are G w G^T, (outer cells, cells, C, K); `bias` adds it to tiles."""
        sums = self.multiply(self.values(x, part, rooms), weights, rooms)
        tiles = rooms[1][: self.made.size**2 * sums.shape[1]].reshape(self.made.size**2, -1)
        np.matmul(self.show, sums, out=tiles)
        if bias is not None:
            run(bias(tiles.reshape(-1, self.filters)))
        self.made.scatter(tiles, self.frames(part, self.outer.outputs), y)

    def multiply(self, values: Array, weights: Array, rooms: Rooms) -> Array:
        """Sums over the channels and the outer cells, (cells, tiles · K), in the first room."""
        shape = (self.cells, self.outer.outputs, values.shape[2], self.filters)
        found = rooms[0][: prod(shape)].reshape(shape)
        taps = sorted(self.outer.taps, key=lambda tap: not tap.full)
        done = bool(taps) and taps[0].full  # a cell that all outputs see something through is written, not added
        if done:
            _multiply(values[:, taps[0].inputs], weights[taps[0].cell], found)
        else:
            found.fill(0)
        for tap in taps[done:]:
            target = found[:, tap.outputs]
            part = rooms[2][: target.size].reshape(target.shape)
            _multiply(values[:, tap.inputs], weights[tap.cell], part)
            np.add(target, part, out=target)
        return found.reshape(self.cells, -1)

    def compare(self, x: Array, dy: Array, total: Array, room: Array, rooms: Rooms) -> None:
        """Writes the gradient of G w G^T, (outer cells, cells, K, C), with a room for one outer cell's."""
        started: set[int] = set()
        total.fill(0) if len(self.outer.taps) < self.outer.kernel or not self.parts else None
        for part in self.parts:
            values = self.values(x, part, rooms)
            tiles = self.made.gather(dy, self.frames(part, self.outer.outputs), rooms[0], rooms[3])
            slopes = rooms[2][: self.cells * tiles.shape[1]].reshape(self.cells, -1)
            np.matmul(self.show.T, tiles, out=slopes)
            made = slopes.reshape(self.cells, self.outer.outputs, -1, self.filters)
            for tap in self.outer.taps:
                one, other = _flat(made[:, tap.outputs]), _flat(values[:, tap.inputs])
                if tap.cell not in started:
                    np.matmul(one.swapaxes(1, 2), other, out=total[tap.cell])
                    started.add(tap.cell)
                    continue
                np.matmul(one.swapaxes(1, 2), other, out=room)
                np.add(total[tap.cell], room, out=total[tap.cell])


def _flat(array: Array) -> Array:
    """(cells, outer, tiles, C) as (cells, all tiles, C)."""
    return array.reshape(len(array), -1, array.shape[-1])


def _multiply(values: Array, weights: Array, out: Array) -> None:
    np.matmul(_flat(values), weights, out=_flat(out))


def _seen(axis: Axis, tile: int) -> Axis:
    """The tiles of what the kernel sees, which overlap."""
    return Axis(axis.extent, -(-axis.outputs // tile), tile + CELLS - 1, tile, 1, axis.low)


def _made(axis: Axis, tile: int) -> Axis:
    """The tiles of what it makes."""
    return Axis(axis.outputs, -(-axis.outputs // tile), tile, tile, 1, 0)
