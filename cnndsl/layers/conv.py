"""conv: the convolution that gives these networks their name."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.shapes import GroupsDoNotDivide
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Layer, Lowering, Weights, bias_weights
from cnndsl.layers.scalars import Count, FlagOrNumber
from cnndsl.layers.window import PerAxis, Window, brief_window, per_axis, windows
from cnndsl.program import Convolve, Start, Value
from cnndsl.volume import Volume, known


class Conv(Layer):
    """Convolution: every filter looks at a small window at every position, with the same weights.

    It is cross-correlation (the kernel is not flipped), as in every framework. The number of
    spatial axes of its input decides whether it is 1-D, 2-D or 3-D.

    Equation:
        y[o, k] = bias[k] + sum over f, c of x[o*S + f*D - P, c] weight[k, f, c]

    Shapes:
        HxWxC -> H2xW2xfilters, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        weight (filters, *kernel, C/groups), bias (filters).

    Goes wrong:
        The kernel is larger than its padded input (E301); `groups` divides the input's channels or
        the filters with a remainder (E303). Dilation 1 means dense (some lectures write 0).

    Example:
        net Example { input 227x227x3 ; conv(96, 11, stride=4) }

    Source:
        K. Fukushima, Neocognitron, 1980; Y. LeCun et al., Gradient-based learning applied to
        document recognition, 1998. Dilation: F. Yu and V. Koltun, 2016.
    """

    family: ClassVar[str] = "conv"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    known_as: ClassVar[tuple[str, ...]] = (
        "Conv1d", "Conv2d", "Conv3d", "Conv1D", "Conv2D", "Conv3D", "Convolution", "convolution", "conv2d",
    )  # fmt: skip

    filters: int = argument(Count(), letter="K", known_as=("out_channels", "num_output", "nb_filter"))
    kernel: PerAxis = argument(Extents(), letter="F", known_as=("kernel_size", "filter_size", "ksize"))
    stride: PerAxis = argument(Extents(), 1, letter="S", known_as=("strides", "subsample"))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding", "border_mode"))
    dilation: PerAxis = argument(Extents(), 1, letter="D", known_as=("dilation_rate", "dilations", "atrous_rate"))
    groups: int = argument(Count(), 1, letter="G", known_as=("group", "feature_group_count"))
    bias: bool | float = argument(FlagOrNumber(), True, known_as=("use_bias", "bias_term"))

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        return windows(self.kind, volume, self.kernel, self.stride, self.pad, self.dilation)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        for name, count in (("the input's channels", volume.channels), ("the filters", self.filters)):
            if count is not None and count % self.groups:
                raise Refused(GroupsDoNotDivide(NOWHERE, layer=self.kind, groups=self.groups, what=name, count=count))
        return Volume((*(window.output for window in self.windows(volume)), self.filters))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        cells = (*per_axis(self.kind, "kernel", self.kernel, volume), known(volume.channels) // self.groups)
        fan_out = prod(cells[:-1]) * (self.filters // self.groups)
        weight = Weights("weight", (self.filters, *cells), Start("auto", fan_in=prod(cells), fan_out=fan_out))
        return (weight, *bias_weights(self.filters, self.bias))

    def macs(self, *inputs: Volume) -> int:
        positions = prod(self.output(*inputs).shape[:-1])
        return prod(self.arrays(*inputs)[0].shape) * positions

    def brief(self) -> str:
        return brief_window(self.kind, self.kernel, self.stride)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        found = self.windows(volume)
        primitive = Convolve(
            weight=lowering.name("weight"),
            bias=None if self.bias is False else lowering.name("bias"),
            stride=tuple(window.stride for window in found),
            pads=tuple((window.low, window.high) for window in found),
            dilation=tuple(window.dilation for window in found),
            groups=self.groups,
        )
        return lowering.emit(primitive, value, shape=self.output(volume).shape)
