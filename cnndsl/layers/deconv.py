"""deconv: the transposed convolution, which enlarges."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, prod
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.sizes import NothingLeft, TooWide
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Layer, Lowering, Weights, bias_weights
from cnndsl.layers.conv import divide_channels
from cnndsl.layers.derive import CONNECTIONS, MACS, UNSHARED, Factor, Step, product
from cnndsl.layers.links import Sight, spread_sight
from cnndsl.layers.scalars import Count, FlagOrNumber
from cnndsl.layers.spread import Spread, spreads
from cnndsl.layers.window import PerAxis, brief_window, per_axis
from cnndsl.primitives import ConvolveTransposed
from cnndsl.program import Start, Value
from cnndsl.volume import Volume, axis_names, known


class Deconv(Layer):
    """Transposed convolution: every input cell paints its filters around itself, a stride apart.

    It is the gradient of a convolution with the same arguments, and undoes what that does to the
    size. The weights are learned like any others.

    Equation:
        y[i*S + f*D - P, k] = bias[k] + sum over i, f, c of x[i, c] weight[k, f, c]

    Shapes:
        HxWxC -> H2xW2xfilters, with W2 = (W-1)S - P_lo - P_hi + D(F-1) + 1 + output_pad on each axis,
        and W2 = W S + output_pad with `pad=same`; weight (filters, *kernel, C/groups), bias (filters).

    Goes wrong:
        The padding takes all that there is (E312); `output_pad` is not smaller than the stride or
        the dilation (E313); `groups` does not divide (E303). A kernel that the stride does not
        divide paints unevenly and leaves a checkerboard.

    Example:
        net Example { input 7x7x64 ; deconv(32, 2, stride=2) -> relu }

    Source:
        M. Zeiler et al., Deconvolutional networks, 2010; J. Long, E. Shelhamer and T. Darrell,
        Fully convolutional networks for semantic segmentation, 2014.
    """

    family: ClassVar[str] = "conv"
    learns: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    known_as: ClassVar[tuple[str, ...]] = (
        "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Conv1DTranspose", "Conv2DTranspose",
        "Conv3DTranspose", "Deconvolution", "conv_transpose", "deconvolution", "upconv", "transposed_conv",
    )  # fmt: skip

    filters: int = argument(Count(), letter="K", known_as=("out_channels", "num_output", "nb_filter"), sample=4)
    kernel: PerAxis = argument(Extents(), letter="F", known_as=("kernel_size", "filter_size", "ksize"), sample=3)
    stride: PerAxis = argument(Extents(), 1, letter="S", known_as=("strides", "subsample"))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding", "border_mode"))
    output_pad: PerAxis = argument(Extents(0), 0, known_as=("output_padding",), sample=1)
    dilation: PerAxis = argument(Extents(), 1, letter="D", known_as=("dilation_rate", "dilations"))
    groups: int = argument(Count(), 1, letter="G", known_as=("group",))
    bias: bool | float = argument(FlagOrNumber(), True, known_as=("use_bias", "bias_term"))

    def spreads(self, volume: Volume) -> tuple[Spread, ...]:
        return spreads(self.kind, volume, self.kernel, self.stride, self.pad, self.output_pad, self.dilation)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        divide_channels(self.kind, self.groups, volume.channels, self.filters)
        found = self.spreads(volume)
        extras = per_axis(self.kind, "output_pad", self.output_pad, volume)
        for name, extra, spread in zip(axis_names(volume.rank), extras, found, strict=True):
            most = max(spread.stride, spread.dilation) - 1
            if extra > most:
                why = f"the stride is {spread.stride}, the dilation {spread.dilation}"
                raise Refused(TooWide(NOWHERE, self.kind, "output_pad", str(extra), name, most, why))
            if spread.output is not None and spread.output < 1:
                advice = "use less padding, or a larger kernel"
                raise Refused(NothingLeft(NOWHERE, self.kind, "pad", name, volume, spread.formula, advice))
        return Volume((*(spread.output for spread in found), self.filters))

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        return (spread_sight(self.spreads(*inputs)),)

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        kernel = per_axis(self.kind, "kernel", self.kernel, volume)
        depth = known(volume.channels) // self.groups
        reached = prod(per_axis(self.kind, "stride", self.stride, volume))  # a cell of the output is, by 1 in S cells
        fans = max(1, prod(kernel) * depth // reached), prod(kernel) * (self.filters // self.groups)
        weight = Weights("weight", (self.filters, *kernel, depth), Start("auto", 0.0, *fans))
        return (weight, *bias_weights(self.bias, self.filters))

    def macs(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return prod(self.arrays(volume)[0].shape) * prod(volume.shape[:-1])

    def reads(self, *inputs: Volume) -> int:
        """What is painted outside the output, and cut, is no connection."""
        (volume,) = inputs
        pairs = self.filters * (known(volume.channels) // self.groups)
        return pairs * prod(spread.meetings for spread in self.spreads(volume))

    def unshared(self, *inputs: Volume) -> int:
        return self.connections(*inputs)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        return derive.slid(self.spreads(*inputs))

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        weight = self.arrays(volume)[0].shape
        factors = [*derive.kernel(weight[1:-1]), derive.depth(volume, self.groups), ("K", self.filters)]
        yield product("weights", factors, prod(weight))
        if self.bias is not False:
            yield product("biases", [("K", self.filters)], self.filters)

    def unsharing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step(UNSHARED, "connections", "", self.unshared(*inputs))

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        pairs: list[Factor] = []
        for name, spread in zip(axis_names(volume.rank), self.spreads(volume), strict=True):
            pairs.append((f"M_{name[0]}", spread.meetings))
            yield Step(f"M_{name[0]}", f"pairs of an input cell and a cell it paints, {name}", "", spread.meetings)
        weights = product("", [*pairs, derive.depth(volume, self.groups), ("K", self.filters)], 0)
        biases = product("", [*derive.spatial(self.output(volume), "2"), ("K", self.filters)], 0)
        terms = (weights,) if self.bias is False else (weights, biases)
        letters, numbers = (derive.added(*(getattr(term, part) for term in terms)) for part in ("letters", "numbers"))
        yield Step(CONNECTIONS, letters, numbers, self.connections(volume))

    def working(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        weights = prod(self.arrays(volume)[0].shape)
        yield product(MACS, [("weights", weights), *derive.spatial(volume)], self.macs(volume))

    def beside(self, tool: str, *inputs: Volume) -> int:
        """torchinfo counts weights at the positions of the output, not of the input, and biases there too."""
        if tool != "torchinfo":
            return 0
        values = sum(array.count for array in self.arrays(*inputs))
        return values * prod(self.output(*inputs).shape[:-1]) - self.macs(*inputs)

    def apart(self, *groups: int) -> int:
        return gcd(*groups, self.groups)

    def brief(self) -> str:
        return brief_window(self.kind, self.kernel, self.stride)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        found = self.spreads(volume)
        primitive = ConvolveTransposed(
            weight=lowering.name("weight"),
            bias=None if self.bias is False else lowering.name("bias"),
            stride=tuple(spread.stride for spread in found),
            pads=tuple((spread.low, spread.high) for spread in found),
            dilation=tuple(spread.dilation for spread in found),
            groups=self.groups,
        )
        return lowering.emit(primitive, value, shape=self.output(volume).shape)
