"""conv: the convolution that gives these networks their name."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, prod
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.channels import DoesNotDivide, common_divisors
from cnndsl.errors.given import BadConnections, OneOf
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.banks import Bank
from cnndsl.layers.base import Layer, Lowering, Weights, bias_weights
from cnndsl.layers.derive import MACS, UNSHARED, Factor, Step, product
from cnndsl.layers.given import Filters, check, tiled
from cnndsl.layers.scalars import Count, FlagOrNumber
from cnndsl.layers.tables import Connections, Table
from cnndsl.layers.window import PerAxis, Window, brief_window, per_axis, steps, windows
from cnndsl.program import Convolve, Start, Value
from cnndsl.volume import Extent, Volume, known


class Conv(Layer):
    """Convolution: every filter looks at a small window at every position, with the same weights.

    It is cross-correlation (the kernel is not flipped), as in every framework. The number of
    spatial axes of its input decides whether it is 1-D, 2-D or 3-D.

    `weights=` gives the numbers: a table as large as the kernel for every filter and channel, a
    table of all weights, or a named filter (`sobel_x`, `gaussian(1)`, `gabor(8, 5.6, 4.5)`). They
    are not trained unless `freeze=false` says so, count as constants, and there is no bias unless
    it is asked for. `connect=` lists for every filter the channels it sees, counted from 0.

    Equation:
        y[o, k] = bias[k] + sum over f, c of x[o*S + f*D - P, c] weight[k, f, c]

    Shapes:
        HxWxC -> H2xW2xfilters, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        weight (filters, *kernel, C/groups), bias (filters). With `connect` the weight is
        (connections, *kernel): those of the first filter, then of the second, and so on.

    Goes wrong:
        The kernel is larger than its padded input (E301); `groups` divides the input's channels or
        the filters with a remainder (E303); given weights have another shape (E315); connections
        name a channel that is not there (E316). Dilation 1 means dense (some lectures write 0).

    Example:
        net Example { input 227x227x3 ; conv(96, 11, stride=4) }

    Source:
        K. Fukushima, Neocognitron, 1980; Y. LeCun et al., Gradient-based learning applied to
        document recognition, 1998, also for the connections. Dilation: F. Yu and V. Koltun, 2016.
    """

    family: ClassVar[str] = "conv"
    learns: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    known_as: ClassVar[tuple[str, ...]] = (
        "Conv1d", "Conv2d", "Conv3d", "Conv1D", "Conv2D", "Conv3D", "Convolution", "convolution", "conv2d",
    )  # fmt: skip

    filters: int = argument(Count(), letter="K", known_as=("out_channels", "num_output", "nb_filter"), sample=4)
    kernel: PerAxis = argument(Extents(), letter="F", known_as=("kernel_size", "filter_size", "ksize"), sample=3)
    stride: PerAxis = argument(Extents(), 1, letter="S", known_as=("strides", "subsample"))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding", "border_mode"))
    dilation: PerAxis = argument(Extents(), 1, letter="D", known_as=("dilation_rate", "dilations", "atrous_rate"))
    groups: int = argument(Count(), 1, letter="G", known_as=("group", "feature_group_count"))
    bias: bool | float | None = argument(FlagOrNumber(), None, shown="true", known_as=("use_bias", "bias_term"))
    weights: Table | Bank | None = argument(Filters(), None, known_as=("weight",))
    connect: tuple[tuple[int, ...], ...] | None = argument(Connections(), None)

    @property
    def offset(self) -> bool | float:
        """What `bias=` says; by default only learned filters have one."""
        return self.weights is None if self.bias is None else self.bias

    @property
    def given(self) -> bool:
        return self.weights is not None

    @property
    def gathers(self) -> str:
        return "weights"

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        return windows(self.kind, volume, self.kernel, self.stride, self.pad, self.dilation)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        divide_channels(self.kind, self.groups, volume.channels, self.filters)
        if self.connect is not None:
            self._check_connections(volume)
        if self.weights is not None:
            check(self.kind, self.weights, self.filters, self._kernel(volume), self._shape(volume))
        return Volume((*(window.output for window in self.windows(volume)), self.filters))

    def _check_connections(self, volume: Volume) -> None:
        table = self.connect or ()
        if self.groups != 1:
            ways = (f"{self.kind}(…, groups={self.groups})", f"{self.kind}(…, connect=[…])")
            raise Refused(OneOf(NOWHERE, self.kind, ("groups", "connect"), ("groups", "connect"), ways))
        if len(table) != self.filters:
            what = f"{len(table)} rows for {self.filters} filters"
            raise Refused(BadConnections(NOWHERE, self.kind, what, f"{len(table)} rows", "give every filter its row"))
        farthest = max(map(max, table))
        if volume.channels is not None and farthest >= volume.channels:
            what = f"it names channel {farthest}, the input {volume} has {volume.channels}"
            advice = f"channels are counted from 0: the last is {volume.channels - 1}"
            raise Refused(BadConnections(NOWHERE, self.kind, what, f"channel {farthest} is not there", advice))

    def _kernel(self, volume: Volume) -> tuple[int, ...]:
        return per_axis(self.kind, "kernel", self.kernel, volume)

    def _shape(self, volume: Volume) -> tuple[Extent, ...]:
        """The extents of the weights, the channels open where the input's are."""
        if self.connect is not None:
            return (sum(map(len, self.connect)), *self._kernel(volume))
        depth = None if volume.channels is None else volume.channels // self.groups
        return (self.filters, *self._kernel(volume), depth)

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        kernel, depth = self._kernel(volume), known(volume.channels)
        shape = tuple(map(known, self._shape(volume)))
        pairs = shape[0] if self.connect is not None else self.filters * (depth // self.groups)
        fans = prod(kernel) * pairs // self.filters, prod(kernel) * pairs // depth
        if self.weights is None:
            weight = Weights("weight", shape, Start("auto", 0.0, *fans))
        else:
            table = tiled(self.weights, kernel, shape)
            weight = Weights("weight", shape, Start("given", 0.0, *fans, table), "constant")
        return (weight, *bias_weights(self.offset, self.filters))

    def macs(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return prod(map(known, self._shape(volume))) * prod(self.output(volume).shape[:-1])

    def reads(self, *inputs: Volume) -> int:
        return self.macs(*inputs)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        return derive.slid(self.windows(*inputs))

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        window = derive.kernel(self._kernel(volume))
        seen: list[Factor] = [("K", self.filters)]
        if self.connect is None:
            seen.insert(0, derive.depth(volume, self.groups))
        else:
            seen = [("pairs of a map and a filter", sum(map(len, self.connect)))]
        yield product("weights", [*window, *seen], prod(map(known, self._shape(volume))))
        if self.offset is not False:
            yield product("biases", [("K", self.filters)], self.filters)

    def unsharing(self, *inputs: Volume) -> Iterable[Step]:
        if self.connect is not None:
            return super().unsharing(*inputs)
        (volume,) = inputs
        unit = [*derive.kernel(self._kernel(volume)), derive.depth(volume, self.groups)]
        return unshared(self.output(volume), unit, self.offset is not False, self.unshared(volume))

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        yield from super().linking(*inputs)
        (volume,) = inputs
        found = self.windows(volume)
        positions = prod(known(window.output) * window.kernel for window in found)
        inside = prod(window.meetings for window in found)
        if inside < positions:
            zeros = self.macs(volume) // positions * (positions - inside)
            yield Step("of them", "those that read a padded zero", "", zeros)

    def working(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        weights = prod(map(known, self._shape(volume)))
        yield product(MACS, [("weights", weights), *derive.spatial(self.output(volume), "2")], self.macs(volume))

    def beside(self, tool: str, *inputs: Volume) -> int:
        """torchinfo counts a bias at every position."""
        return prod(self.output(*inputs).shape) if tool == "torchinfo" and self.offset is not False else 0

    def absorbed(self, before: Layer, volume: Volume) -> int | None:
        if not isinstance(before, Conv) or self.connect or before.connect or volume.channels is None:
            return None
        pairs = zip(before.windows(volume), self.windows(before.output(volume)), strict=True)
        cells = prod(first.reach + first.stride * (then.reach - 1) for first, then in pairs)
        groups = self.groups if self.groups == before.groups else 1
        return cells * (volume.channels // groups) * self.filters

    def apart(self, *groups: int) -> int:
        return gcd(*groups, self.groups) if self.connect is None else 1

    def brief(self) -> str:
        return brief_window(self.kind, self.kernel, self.stride)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        found = self.windows(volume)
        _, stride, dilation = steps(found)
        primitive = Convolve(
            weight=lowering.name("weight"),
            bias=None if self.offset is False else lowering.name("bias"),
            stride=stride,
            pads=tuple((window.low, window.high) for window in found),
            dilation=dilation,
            groups=self.groups,
            connect=self.connect or (),
        )
        return lowering.emit(primitive, value, shape=self.output(volume).shape)


def unshared(output: Volume, unit: list[Factor], biased: bool, count: int) -> Iterable[Step]:
    """H2 W2 K (F_h F_w C + 1): every unit has weights of its own, and a bias."""
    units: list[Factor] = [*derive.spatial(output, "2"), ("K", known(output.channels))]
    if biased:
        letters, numbers = (derive.times(part) for part in zip(*unit, strict=True))
        unit = [(f"({letters} + 1)", f"({numbers} + 1)")]
    yield product(UNSHARED, [*units, *unit], count)


def divide_channels(layer: str, groups: int, channels: Extent, filters: int) -> None:
    """Refuses groups that do not divide both the input's channels and the filters."""
    for name, count in (("the input's channels", channels), ("the filters", filters)):
        if count is not None and count % groups:
            suiting = common_divisors(channels or filters, filters)
            raise Refused(DoesNotDivide(NOWHERE, layer, "groups", groups, name, count, groups, suiting))
