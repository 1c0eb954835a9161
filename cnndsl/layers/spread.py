"""What a transposed convolution does to an axis: the arithmetic of a window, the other way round."""

from __future__ import annotations

from typing import Any

from cnndsl.layers.lattice import meetings
from cnndsl.layers.window import PerAxis, pairs, per_axis
from cnndsl.record import Record
from cnndsl.volume import Extent, Volume, known


class Spread(Record):
    """`kernel` cells, `dilation` apart, painted every `stride` cells, cut at both ends, `extra` cells added."""

    extent: Extent
    kernel: int
    stride: int = 1
    low: int = 0
    high: int = 0
    dilation: int = 1
    extra: int = 0

    @property
    def reach(self) -> int:
        """Cells from the first to the last that one input cell paints: D(F-1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def output(self) -> Extent:
        """W2 = (W-1) S - P_lo - P_hi + D(F-1) + 1 + output_pad."""
        if self.extent is None:
            return None
        return (self.extent - 1) * self.stride - self.low - self.high + self.reach + self.extra

    @property
    def meetings(self) -> int:
        """Pairs of an input cell and a cell of the output that it paints; raises StillOpen."""
        count, extent = known(self.extent), known(self.output)
        return meetings(count, self.stride, self.kernel, self.dilation, self.low, extent)

    @property
    def formula(self) -> str:
        """That formula with the numbers."""
        letters = "(W - 1) S - P_lo - P_hi + D(F - 1) + 1 + output_pad"
        cells = f"({self.extent} - 1)*{self.stride} - {self.low} - {self.high}"
        painted = f"{self.dilation}*({self.kernel} - 1) + 1 + {self.extra}"
        return f"W2 = {letters} = {cells} + {painted} = {self.output}"


def spreads(
    layer: str, volume: Volume, kernel: PerAxis, stride: PerAxis, pad: Any, output_pad: PerAxis, dilation: PerAxis
) -> tuple[Spread, ...]:
    """One for each spatial axis, `same` padding (an output of W S) resolved, the odd cell at the end.

    Raises Refused: WrongAxes where an argument has another number of values than the volume has axes.
    """
    named = {"kernel": kernel, "stride": stride, "dilation": dilation, "output_pad": output_pad}
    kernels, strides, dilations, extras = (per_axis(layer, name, value, volume) for name, value in named.items())
    padded = ((0, 0),) * volume.rank if pad == "same" else pairs(layer, pad, volume)
    plain = [
        Spread(volume.spatial[axis], kernels[axis], strides[axis], *padded[axis], dilations[axis], extras[axis])
        for axis in range(volume.rank)
    ]
    return tuple(map(_same, plain)) if pad == "same" else tuple(plain)


def _same(spread: Spread) -> Spread:
    """With the padding, or the cells added, that make the output W S."""
    cut = max(spread.reach - spread.stride, 0)
    added = max(spread.stride - spread.reach, 0)
    return spread.replace(low=cut // 2, high=cut - cut // 2, extra=spread.extra + added)
