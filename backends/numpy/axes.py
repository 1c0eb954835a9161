"""Windows that slide along an axis: which outputs see which inputs through each cell of the window."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.program import Pads

Index = tuple[slice, ...]


class Tap(Record):
    """One cell of the window: output `outputs[i]` sees input `inputs[i]` through cell number `cell`.

    Outputs that see padding through it are left out.
    """

    cell: int
    outputs: slice
    inputs: slice
    full: bool


class Axis(Record):
    """Output o sees through cell f the input o * stride + f * dilation - low, which is padding outside 0 … extent."""

    extent: int
    outputs: int
    kernel: int
    stride: int
    dilation: int
    low: int

    def tap(self, cell: int, begin: int = 0, end: int | None = None, base: int = 0) -> Tap | None:
        """A cell of the window for the outputs from `begin` to `end`; None where they all see padding.

        The outputs are counted from `begin` then, the inputs from `base`.
        """
        end = self.outputs if end is None else end
        shift = cell * self.dilation - self.low
        first = max(begin, -(shift // self.stride))
        last = min(end - 1, (self.extent - 1 - shift) // self.stride)
        if first > last:
            return None
        start = first * self.stride + shift - base
        stop = last * self.stride + shift - base + 1
        full = last - first + 1 == end - begin
        return Tap(cell, slice(first - begin, last + 1 - begin), slice(start, stop, self.stride), full)

    @cached_property
    def taps(self) -> tuple[Tap, ...]:
        """All cells of the window that see anything, in reading order."""
        return tuple(tap for cell in range(self.kernel) if (tap := self.tap(cell)))

    @property
    def reach(self) -> int:
        """How many cells a window covers, its gaps included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def span(self) -> int:
        """How many cells all windows cover together, from the low padding on."""
        return (self.outputs - 1) * self.stride + self.reach

    @property
    def pads(self) -> bool:
        """Whether any window sees padding."""
        return self.low > 0 or self.span - self.low > self.extent

    @property
    def plain(self) -> bool:
        """Whether it does nothing: windows of one cell, side by side, over the whole axis."""
        return self.kernel == 1 and self.stride == 1 and self.low == 0 and self.outputs == self.extent

    @cached_property
    def tiles(self) -> bool:
        """Whether every input is seen exactly once."""
        return sum(len(range(self.extent)[tap.inputs]) for tap in self.taps) == self.extent and (
            self.stride >= self.reach or self.outputs == 1
        )


#: an axis that is not there
POINT = Axis(1, 1, 1, 1, 1, 0)


def axes(
    shape: tuple[int, ...],
    outputs: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    pads: Pads,
) -> tuple[Axis, ...]:
    """The spatial axes of a step, from the extents of its input and output (without batch and channels)."""
    lows = (low for low, _ in pads)
    return tuple(Axis(*each) for each in zip(shape, outputs, kernel, stride, dilation, lows, strict=True))


def along(axis: int, part: slice) -> Index:
    """The index that takes a part of the given axis of an array (0 is the batch)."""
    return (*(slice(None),) * axis, part)
