"""Square tiles of images, laid out for matrix products: cells of a tile first, then tiles, channels last."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from numpy.lib.stride_tricks import as_strided

from .copying import copy
from .padding import pad

if TYPE_CHECKING:
    from .axes import Axis
    from .memory import Array
    from .parts import Part


class Grid:
    """Tiles over the last two axes of arrays (N, H, W, C), given as windows along those."""

    def __init__(self, down: Axis, along: Axis) -> None:
        self.axes = down, along
        self.size = down.kernel
        self.padding = down.pads or along.pads

    def framed(self, images: int, rows: int, depth: int) -> int:
        """How many numbers so many rows of tiles are with their padding; 0 where none is padded."""
        down, along = self.axes
        return images * ((rows - 1) * down.stride + down.reach) * along.span * depth if self.padding else 0

    def gather(self, x: Array, part: Part, room: Array, frame: Array) -> Array:
        """The tiles of a part, (cells, images · tiles · C), written to `room`."""
        down, along = self.axes
        (images, rows), depth = part.shape, x.shape[-1]
        if self.padding:
            framed = (images, (rows - 1) * down.stride + down.reach, along.span, depth)
            source = pad(self.axes, part.images, part.rows, x, frame[: prod(framed)].reshape(framed))
        else:
            source = x[part.images, part.rows.start * down.stride :]
        image, row, column, channel = source.strides
        shape = (self.size, self.size, images, rows, along.outputs, depth)
        strides = (row, column, image, down.stride * row, along.stride * column, channel)
        found = room[: prod(shape)]
        copy(found.reshape(shape), as_strided(source, shape, strides))()
        return found.reshape(self.size**2, -1)

    def scatter(self, tiles: Array, part: Part, y: Array) -> None:
        """Writes tiles that lie side by side; cells beyond the end are dropped."""
        along = self.axes[1]
        rows = part.shape[1]
        cells = tiles.reshape(self.size, self.size, -1, rows, along.outputs, y.shape[-1])
        target = y[part.images, part.rows.start * self.size : part.rows.stop * self.size]
        if target.shape[1] == rows * self.size and along.extent == along.span:
            shape = (*cells.shape[2:4], self.size, along.outputs, self.size, y.shape[-1])
            copy(target.reshape(shape), cells.transpose(2, 3, 0, 4, 1, 5))()
            return
        for i in range(self.size):
            for j in range(self.size):
                place = target[:, i :: self.size, j :: self.size]
                copy(place, cells[i, j, :, : place.shape[1], : place.shape[2]])()
