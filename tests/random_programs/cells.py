"""Windows written out cell by cell: which cells of an axis each position reads; no formula of the compiler is used."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.random_programs.unfit import Unfit, need


class Axis:
    """The windows on one axis: where each starts (negative in the padding), and the offsets of its cells."""

    def __init__(self, starts: list[int], offsets: list[int], extent: int, low: int, high: int) -> None:
        self.starts, self.offsets, self.extent, self.low, self.high = starts, offsets, extent, low, high

    @property
    def places(self) -> Any:
        """The cell of each tap of each window, (positions, taps)."""
        return np.add.outer(self.starts, self.offsets)


def per_axis(value: Any, rank: int) -> tuple[int, ...]:
    values = value if isinstance(value, tuple) else (value,) * rank
    need(len(values) == rank, "one number for each axis")
    return values


def margins(value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """An amount around the axes as a pair for each."""
    if rank == 1 and isinstance(value, tuple) and len(value) == 2 and not isinstance(value[0], tuple):
        return (value,)
    return tuple(item if isinstance(item, tuple) else (item, item) for item in per_axis(value, rank))


def axes(args: dict[str, Any], spatial: tuple[int, ...], pooled: bool = False) -> list[Axis]:
    """The windows of a layer's arguments, a pool one kernel apart by default; Unfit where there is no position."""
    rank = len(spatial)
    kernels = per_axis(args["kernel"], rank)
    strides = per_axis(args.get("stride") or (args["kernel"] if pooled else 1), rank)
    dilations = per_axis(args.get("dilation", 1), rank)
    pad = args.get("pad", 0)
    same = pad == "same"
    pads = [(0, 0)] * rank if same or pad == "valid" else margins(pad, rank)
    ceil = bool(args.get("ceil")) and not same
    numbers = zip(spatial, kernels, strides, dilations, pads)
    return [one_axis(*item, ceil=ceil, same=same) for item in numbers]


def one_axis(
    extent: int, kernel: int, stride: int, dilation: int, pad: tuple[int, int], ceil: bool, same: bool
) -> Axis:
    """Windows from the first cell of the padding on, as long as they fit (or, with ceil, cells are left)."""
    reach = dilation * (kernel - 1) + 1
    low, high = pad
    if same:
        # as many positions as there are strides in the extent; what is missing is padding, the odd cell at the end
        missing = max(len(range(0, extent, stride)) * stride - stride + reach - extent, 0)
        low = missing // 2
        high = missing - low
    starts: list[int] = []
    start = -low
    while start + reach <= extent + high:
        starts.append(start)
        start += stride
    last_end = start - stride + reach
    if ceil and last_end < extent + high and start < extent:
        starts.append(start)
    need(bool(starts), "no position for the window")
    return Axis(starts, [dilation * tap for tap in range(kernel)], extent, low, high)


def gather(x: Any, windows: list[Axis], fill: float) -> Any:
    """The cells under every window: (N, *spatial, C) -> (N, *positions, *taps, C), `fill` outside the input."""
    rank = len(windows)
    for number, window in enumerate(windows):
        before = max(0, -int(window.places.min()))
        after = max(0, int(window.places.max()) + 1 - window.extent)
        width = [(0, 0)] * x.ndim
        width[1 + number] = (before, after)
        x = np.take(np.pad(x, width, constant_values=fill), window.places + before, axis=1 + number)
        x = np.moveaxis(x, 2 + number, 1 + rank + number)
    return x


def covered(windows: list[Axis]) -> None:
    """Unfit where a window of a pool may see nothing but padding."""
    for window in windows:
        reach = window.offsets[-1] + 1
        step = window.offsets[1] if len(window.offsets) > 1 else 1
        padded = window.low or window.high
        need(max(window.low, window.high) < reach, "a window in the padding alone")
        need(not padded or step <= window.extent or len(window.offsets) == 1, "taps step over the input")
        if not all(((row >= 0) & (row < window.extent)).any() for row in window.places):
            raise Unfit("a window in the padding alone")
