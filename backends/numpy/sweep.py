"""Windows that are looked at where they lie, as a view of padded rows: for sums within each channel."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from numpy.lib.stride_tricks import as_strided

from .padding import frame
from .parts import largest, parts

if TYPE_CHECKING:
    from .axes import Axis
    from .calls import Call
    from .memory import Array, Buffer
    from .parts import Part

BUDGET = 1 << 20  # bytes of padded rows at a time


class Sweep:
    """The windows of arrays (N, …, C) along all spatial axes, part by part; rows are outputs of the first axis."""

    def __init__(self, axes: tuple[Axis, ...], images: int, depth: int, itemsize: int, seats: int = 1) -> None:
        self.axes, self.depth = axes, depth
        self.row = prod(axis.span for axis in axes[1:]) * depth
        self.parts = tuple(parts(images, axes[0].outputs, axes[0].stride * self.row * itemsize, BUDGET, seats=seats))

    @property
    def framed(self) -> int:
        """How many numbers the padded rows of the largest part are."""
        images, rows = largest(self.parts)
        return images * self._span(rows) * self.row

    def _span(self, rows: int) -> int:
        return (rows - 1) * self.axes[0].stride + self.axes[0].reach

    def divisor(self, width: int) -> int:
        """How many neighbouring outputs of a row can be taken together, with `width` numbers at most."""
        last = self.axes[-1]
        cut = len(self.axes) == 1 and largest(self.parts)[1] < last.outputs  # a series is cut along its only row
        if last.stride > 1 or cut:
            return 1
        fits = (count for count in range(1, last.outputs + 1) if last.outputs % count == 0)
        return max((count for count in fits if count * self.depth <= width), default=1)

    def looks(self, x: Buffer, room: Buffer, together: int = 1) -> list[tuple[Part, Array, list[Call]]]:
        """Every part with its windows, a view of `room`, and the calls that pad its rows there; made once."""
        key = self, room, together
        if key not in x.views:
            x.views[key] = [(part, *self._look(x.array, part, room.array, together)) for part in self.parts]
        found: list[tuple[Part, Array, list[Call]]] = x.views[key]
        return found

    def _look(self, x: Array, part: Part, room: Array, together: int) -> tuple[Array, list[Call]]:
        """(images, rows, …, W / together, *kernel, together · C)."""
        images, rows = part.shape
        shape = (images, self._span(rows), *(axis.span for axis in self.axes[1:]), self.depth)
        source, calls = frame(self.axes, part.images, part.rows, x, room[: prod(shape)].reshape(shape))
        image, *steps, channel = source.strides
        counts = [rows, *(axis.outputs for axis in self.axes[1:])]
        strides = [axis.stride * step for axis, step in zip(self.axes, steps)]
        counts[-1] //= together
        strides[-1] *= together
        cells = (axis.dilation * step for axis, step in zip(self.axes, steps))
        kernel = (axis.kernel for axis in self.axes)
        found = (images, *counts, *kernel, together * self.depth)
        return as_strided(source, found, (image, *strides, *cells, channel)), calls

    def positions(self, part: Part) -> slice:
        """Where the outputs of a part are among all, which lie one behind the other."""
        row = prod(axis.outputs for axis in self.axes[1:])
        first = (part.images.start * self.axes[0].outputs + part.rows.start) * row
        return slice(first, first + prod(part.shape) * row)

    def outputs(self, y: Array, part: Part, together: int = 1) -> Array:
        """The outputs of a part, (images, rows, …, W / together, together · C); contiguous or with `together` 1."""
        found = y[part.images, part.rows]
        return found if together == 1 else found.reshape(*found.shape[:-2], -1, together * found.shape[-1])
