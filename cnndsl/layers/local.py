"""local: a convolution without sharing, and the patches that it looks at."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, ClassVar

from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Layer, Lowering, Weights, bias_weights
from cnndsl.layers.derive import MACS, UNSHARED, Factor, Step, product
from cnndsl.layers.patches import patches
from cnndsl.layers.scalars import Count, FlagOrNumber
from cnndsl.layers.window import PerAxis, Window, brief_window, windows
from cnndsl.primitives import Positionwise
from cnndsl.program import Reshape, Start, Value
from cnndsl.volume import Volume, known


class Local(Layer):
    """Locally connected layer: windows as those of a convolution, with weights of their own at every position.

    Where the image is aligned (faces, signals with a fixed start) every place may look for
    something else. Its parameters are those of a convolution times the output positions.

    Equation:
        y[o, k] = bias[o, k] + sum over f, c of x[o*S + f - P, c] weight[o, k, f, c]

    Shapes:
        HxWxC -> H2xW2xfilters, with W2 = floor((W + P_lo + P_hi - F) / S) + 1 on each axis;
        weight (H2, W2, filters, *kernel, C), bias (H2, W2, filters).

    Goes wrong:
        The kernel is larger than its padded input (E301). The number of weights depends on the
        input's size, so trained weights fit no other.

    Example:
        net Example { input 32x32x1 ; conv(8, 5) -> relu -> maxpool(2) -> local(8, 3) -> relu }

    Source:
        Y. LeCun, Generalization and network design strategies, 1989; Y. Taigman et al., DeepFace,
        2014.
    """

    family: ClassVar[str] = "conv"
    learns: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    sized: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "LocallyConnected1D", "LocallyConnected2D", "locally_connected", "local_conv",
    )  # fmt: skip

    filters: int = argument(Count(), letter="K", known_as=("out_channels", "num_output"), sample=4)
    kernel: PerAxis = argument(Extents(), letter="F", known_as=("kernel_size",), sample=3)
    stride: PerAxis = argument(Extents(), 1, letter="S", known_as=("strides",))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding",))
    bias: bool | float = argument(FlagOrNumber(), True, known_as=("use_bias", "bias_term"))

    @property
    def gathers(self) -> str:
        return "weights"

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        return windows(self.kind, volume, self.kernel, self.stride, self.pad)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        return Volume((*(window.output for window in self.windows(volume)), self.filters))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        cells = (*(window.kernel for window in self.windows(volume)), known(volume.channels))
        units = self.output(volume).shape
        start = Start("auto", 0.0, prod(cells), prod(cells[:-1]) * self.filters)
        return (Weights("weight", (*units, *cells), start), *bias_weights(self.bias, *units))

    def macs(self, *inputs: Volume) -> int:
        return prod(self.arrays(*inputs)[0].shape)

    def reads(self, *inputs: Volume) -> int:
        return self.macs(*inputs)

    def unshared(self, *inputs: Volume) -> int:
        return sum(array.count for array in self.arrays(*inputs))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        return derive.slid(self.windows(*inputs))

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        units: list[Factor] = [*derive.spatial(self.output(volume), "2"), ("K", self.filters)]
        window = derive.kernel([window.kernel for window in self.windows(volume)])
        yield product("weights", [*units, *window, derive.depth(volume, 1)], self.macs(volume))
        if self.bias is not False:
            yield product("biases", units, prod(self.output(volume).shape))

    def unsharing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step(UNSHARED, "nothing is shared", "", self.unshared(*inputs))

    def working(self, *inputs: Volume) -> Iterable[Step]:
        yield Step(MACS, "weights", "", self.macs(*inputs))

    def brief(self) -> str:
        return brief_window(self.kind, self.kernel, self.stride)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        weight, shape = self.arrays(volume)[0].shape, self.output(volume).shape
        seen = patches(lowering, value, self.windows(volume))
        if volume.rank > 1:  # the cells as the weights hold them
            seen = lowering.emit(Reshape(), seen, shape=(*shape[:-1], *weight[len(shape) :]))
        primitive = Positionwise(lowering.name("weight"), None if self.bias is False else lowering.name("bias"))
        return lowering.emit(primitive, seen, shape=shape)
