"""A window that slides over an axis: the arithmetic that convolutions and pools share."""

from __future__ import annotations

from typing import Any

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.shapes import KernelTooLarge, WrongAxes
from cnndsl.layers.lattice import meetings
from cnndsl.record import Record
from cnndsl.volume import Extent, Volume, axis_names, known

PerAxis = int | tuple[int, ...]


class Window(Record):
    """A window of `kernel` cells, `dilation` apart, every `stride` cells of an axis with padding."""

    extent: Extent
    kernel: int
    stride: int = 1
    low: int = 0
    high: int = 0
    dilation: int = 1
    ceil: bool = False

    @property
    def reach(self) -> int:
        """Cells from the first to the last it covers: D(F-1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def room(self) -> int:
        """How far it can move: W + P_lo + P_hi - reach. Negative when it does not fit."""
        assert self.extent is not None
        return self.extent + self.low + self.high - self.reach

    @property
    def output(self) -> Extent:
        """W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1.

        With `ceil` the division rounds up, and the last window must start inside the input or its
        low padding, as in Caffe and PyTorch.
        """
        if self.extent is None:
            return None
        if not self.ceil:
            return self.room // self.stride + 1
        starting_inside = (self.extent + self.low - 1) // self.stride + 1
        return min(-(-self.room // self.stride) + 1, starting_inside)

    @property
    def fits(self) -> bool:
        """Whether there is a position for it."""
        return self.output is None or self.output >= 1

    @property
    def covers(self) -> bool:
        """Whether every position sees a cell of the input, not only padding."""
        narrow = max(self.low, self.high) < self.reach
        # Padded windows whose cells are farther apart than the input is wide may step over it.
        within = self.extent is None or self.dilation <= self.extent or not (self.low or self.high)
        return narrow and within

    @property
    def blind(self) -> int:
        """Positions at both ends that see padding only; while W is open, those at the low end."""
        before = max(0, -((self.reach - 1 - self.low) // self.stride))
        if self.extent is None or self.output is None:
            return before
        after = self.output + (-(self.extent + self.low) // self.stride)
        return min(before, self.output) + max(0, min(after, self.output - before))

    @property
    def idle(self) -> int:
        """Cells of the kernel, at both its ends, that meet padding at every position; 0 while W is open."""
        if self.extent is None or self.output is None:
            return 0
        last = self.low - (self.output - 1) * self.stride  # how far before the input the last position begins
        before = max(0, -(-last // self.dilation))
        after = max(0, self.kernel + (-(self.extent + self.low) // self.dilation))
        return min(before + after, self.kernel)

    @property
    def overhang(self) -> int:
        """Cells that the last window of a `ceil` pool covers beyond the high padding."""
        return max(0, -self._left)

    @property
    def remainder(self) -> int:
        """What the division by the stride leaves: (W + P_lo + P_hi - reach) mod S; 0 while W is open."""
        return 0 if self.extent is None else self.room % self.stride

    @property
    def unread(self) -> int:
        """Cells at the end of the input, padding not counted, that lie behind the last window."""
        return 0 if self.extent is None else max(0, min(self._left - self.high, self.extent))

    @property
    def _left(self) -> int:
        """Cells behind the last window, padding included; negative where the window overhangs."""
        if self.extent is None or self.output is None:
            return 0
        return self.room - (self.output - 1) * self.stride

    @property
    def meetings(self) -> int:
        """Pairs of a position and a cell of the input that the window covers there; raises StillOpen."""
        positions, extent = known(self.output), known(self.extent)
        return meetings(positions, self.stride, self.kernel, self.dilation, self.low, extent)

    def reads(self, cell: int) -> bool:
        """Whether some position of the window reads a cell of the input (counted from 0)."""
        offsets = (cell + self.low - tap * self.dilation for tap in range(self.kernel))
        return any(0 <= offset < known(self.output) * self.stride and not offset % self.stride for offset in offsets)

    @property
    def formula(self) -> str:
        """The textbooks' formula with the numbers: `(W - F + 2P)/S + 1 = (28 - 5 + 2*0)/1 + 1 = 24`."""
        even = self.dilation == 1 and self.low == self.high
        letters = "W - F + 2P" if even else "W + P_lo + P_hi - D(F - 1) - 1"
        left = self._rounded(f"({letters})/S") + " + 1"
        if self.clipped:
            left = f"min({left}, floor((W{' + P_lo' if self.low else ''} - 1)/S) + 1)"
        return f"W2 = {left} = {self.numbers}"

    @property
    def numbers(self) -> str:
        """The right side of that formula: `(28 - 5 + 2*0)/1 + 1 = 24`."""
        w, f, s, d = self.extent, self.kernel, self.stride, self.dilation
        even = d == 1 and self.low == self.high
        room = f"{w} - {f} + 2*{self.low}" if even else f"{w} + {self.low} + {self.high} - {d}*({f} - 1) - 1"
        left = self._rounded(f"({room})/{s}") + " + 1"
        if self.clipped:
            left = f"min({left}, floor(({w}{f' + {self.low}' if self.low else ''} - 1)/{s}) + 1)"
        return f"{left} = {self.output}"

    @property
    def clipped(self) -> bool:
        """Whether a `ceil` pool leaves out a last window that would start behind the input."""
        if self.extent is None or self.output is None or not self.ceil:
            return False
        return self.output < -(-self.room // self.stride) + 1

    def _rounded(self, quotient: str) -> str:
        """A quotient with its rounding, if it is none that comes out even."""
        return f"{'ceil' if self.ceil else 'floor'}({quotient})" if self.remainder else quotient


def windows(
    layer: str,
    volume: Volume,
    kernel: PerAxis,
    stride: PerAxis = 1,
    pad: Any = 0,
    dilation: PerAxis = 1,
    ceil: bool = False,
) -> tuple[Window, ...]:
    """One window for each spatial axis of a volume, `same` padding resolved.

    Raises Refused: KernelTooLarge on the first axis where it does not fit, WrongAxes where an
    argument has another number of values than the volume has axes.
    """
    if type(kernel) is type(stride) is type(pad) is type(dilation) is int:  # the usual way, and three times as fast
        known = {e: Window(e, kernel, stride, pad, pad, dilation, ceil) for e in dict.fromkeys(volume.spatial)}
        if all(window.fits for window in known.values()):
            return tuple(known[extent] for extent in volume.spatial)
    rank = volume.rank
    kernels = per_axis(layer, "kernel", kernel, volume)
    strides = per_axis(layer, "stride", stride, volume)
    dilations = per_axis(layer, "dilation", dilation, volume)
    if pad == "same":
        axes = zip(volume.spatial, kernels, strides, dilations, strict=True)
        pads = tuple(same_pads(*axis) for axis in axes)
    else:
        pads = pairs(layer, pad, volume)
    found = tuple(
        Window(volume.spatial[axis], kernels[axis], strides[axis], *pads[axis], dilations[axis], ceil and pad != "same")
        for axis in range(rank)
    )
    for name, window in zip(axis_names(rank), found, strict=True):
        if not window.fits:
            raise Refused(KernelTooLarge(NOWHERE, layer=layer, axis=name, volume=volume, window=window, windows=found))
    return found


def steps(found: tuple[Window, ...]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel, stride and dilation of each axis, as primitives hold them."""
    return (
        tuple(window.kernel for window in found),
        tuple(window.stride for window in found),
        tuple(window.dilation for window in found),
    )


def brief_window(kind: str, kernel: PerAxis, stride: PerAxis = 1) -> str:
    """A layer with a window in a few characters: `conv 5`, `conv 3/2`, `maxpool 3x5`."""
    shown = [str(size) if isinstance(size, int) else "x".join(map(str, size)) for size in (kernel, stride)]
    return f"{kind} {shown[0]}" if stride == 1 else f"{kind} {'/'.join(shown)}"


def per_axis(layer: str, argument: str, value: PerAxis, volume: Volume) -> tuple[int, ...]:
    """A number for all axes, or one for each, as one for each."""
    values = value if isinstance(value, tuple) else (value,) * volume.rank
    if len(values) != volume.rank:
        raise Refused(WrongAxes(NOWHERE, layer=layer, argument=argument, count=len(values), volume=volume))
    return values


def pairs(layer: str, pad: Any, volume: Volume, argument: str = "pad") -> tuple[tuple[int, int], ...]:
    """Padding in any of its forms as a (low, high) pair for each axis."""
    if volume.rank == 1 and isinstance(pad, tuple) and len(pad) == 2 and not isinstance(pad[0], tuple):
        return ((pad[0], pad[1]),)
    values = per_axis(layer, argument, pad, volume)
    return tuple(value if isinstance(value, tuple) else (value, value) for value in values)


def same_pads(extent: Extent, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding that makes the output ceil(W / S): the odd cell at the end.

    For an open extent only stride 1 has one answer; another stride assumes that S divides W.
    """
    reach = dilation * (kernel - 1) + 1
    if extent is None:
        total = max(reach - stride, 0)
    else:
        total = max((-(-extent // stride) - 1) * stride + reach - extent, 0)
    return total // 2, total - total // 2
