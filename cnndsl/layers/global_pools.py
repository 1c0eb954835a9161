"""Pools over the whole plane, or over as many windows as are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, prod
from typing import ClassVar

from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents
from cnndsl.layers.base import Bounds, Layer, Lowering
from cnndsl.layers.derive import CONNECTIONS, Factor, Step, product
from cnndsl.layers.links import Shared, Sight, sight
from cnndsl.layers.window import PerAxis, per_axis
from cnndsl.primitives import AdaptivePool
from cnndsl.program import GlobalAverage, MaxPool, Value
from cnndsl.volume import Volume, known


def summed(tool: str, volume: Volume) -> int:
    """What a tool counts for a mean over given cells: fvcore, on images, an addition for each."""
    return prod(volume.shape) if tool == "fvcore" and volume.rank == 2 else 0


class GlobalPool(Layer, abstract=True):
    """Base of the kinds that reduce every channel to one value; the axes stay, with extent 1."""

    family: ClassVar[str] = "pool"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    by_channel: ClassVar[bool] = True

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        return Volume((*(1 for _ in volume.spatial), volume.channels))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("output", "1 on every axis, as many channels as the input")

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        yield product(CONNECTIONS, derive.cells(inputs[0]), self.reads(*inputs))

    def reads(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return prod(volume.shape)


class GlobalAvgpool(GlobalPool):
    """Global average pooling: the mean of each channel over all positions.

    It takes any size, so a net that ends in it and an `fc` can be used at other sizes.

    Equation:
        y[c] = mean over h, w of x[h, w, c]

    Shapes:
        HxWxC -> 1x1xC (a series LxC gives 1xC); open extents are allowed.

    Goes wrong:
        A vector has no positions to average over (E304).

    Example:
        net Example { input 7x7x512 ; global_avgpool ; fc(1000) -> softmax }

    Source:
        M. Lin, Q. Chen and S. Yan, Network in network, 2013.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalAvgPool2d",
        "global_average_pool", "global_avg_pool", "gap",
    )  # fmt: skip

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(GlobalAverage(), value, shape=self.output(Volume(value.shape)).shape)

    def beside(self, tool: str, *inputs: Volume) -> int:
        return summed(tool, *inputs)


class GlobalMaxpool(GlobalPool):
    """Global max pooling: the largest value of each channel, wherever it is.

    Of equal values the first in reading order wins and alone gets the gradient.

    Equation:
        y[c] = max over h, w of x[h, w, c]

    Shapes:
        HxWxC -> 1x1xC (a series LxC gives 1xC); open extents are allowed.

    Goes wrong:
        A vector has no positions to choose from (E304).

    Example:
        net Example { input 7x7x512 ; global_maxpool ; fc(20) -> sigmoid }

    Source:
        M. Oquab et al., Is object localization for free?, 2015.
    """

    known_as: ClassVar[tuple[str, ...]] = (
        "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GlobalMaxPool2d", "global_max_pool", "gmp",
    )  # fmt: skip

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        rank, window = len(value.shape) - 1, value.shape[:-1]
        whole = MaxPool(window, window, ((0, 0),) * rank, (1,) * rank)
        return lowering.emit(whole, value, shape=self.output(Volume(value.shape)).shape)


class Adaptive(Layer, abstract=True):
    """Base of the pools whose output has a given size, whatever the input's."""

    family: ClassVar[str] = "pool"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    by_channel: ClassVar[bool] = True
    function: ClassVar[str] = ""

    size: PerAxis = argument(Extents(), known_as=("output_size",))

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        return Volume((*per_axis(self.kind, "size", self.size, volume), volume.channels))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("output", "the size that is asked for, as many channels as the input")

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        axes = zip(derive.spatial(volume), derive.spatial(self.output(volume), "2"), strict=True)
        factors: list[Factor] = [
            (f"({w} + {n} - gcd({w}, {n}))", f"({extent:,} + {count:,} - {gcd(int(extent), int(count)):,})")
            for (w, extent), (n, count) in axes
        ]
        yield product(CONNECTIONS, [*factors, ("C", known(volume.channels))], self.connections(volume))

    def reads(self, *inputs: Volume) -> int:
        """Windows that divide W by n evenly cover W cells, and n - gcd(W, n) of them twice."""
        (volume,) = inputs
        axes = zip(volume.shape, self.output(volume).shape[:-1])
        return prod(extent + count - gcd(extent, count) for extent, count in axes) * known(volume.channels)

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        (volume,) = inputs
        axes = zip(volume.spatial, output.spatial, strict=True)
        return (sight(*(Shared(known(extent), to, 0, known(extent), known(to)) for extent, to in axes)),)

    def brief(self) -> str:
        shown = self.size if isinstance(self.size, int) else "x".join(map(str, self.size))
        return f"{self.kind} {shown}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(AdaptivePool(self.function), value, shape=self.output(Volume(value.shape)).shape)


class AdaptiveAvgpool(Adaptive):
    """Average pooling to a given size: windows that divide the input evenly, each averaged.

    Where the division is not exact the windows overlap by a cell.

    Equation:
        y[i] = mean of x[j] with floor(i W / size) <= j < ceil((i+1) W / size), on each axis

    Shapes:
        HxWxC -> size, the same for every input; `adaptive_avgpool((7, 5))` has one for each axis.

    Goes wrong:
        A size for another number of axes (E302). A size above the input's repeats cells.

    Example:
        net Example { input 13x13x256 ; adaptive_avgpool(6) ; flatten ; fc(1000) }

    Source:
        K. He et al., Spatial pyramid pooling in deep convolutional networks, 2014.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveAveragePooling2D",
        "adaptive_avg_pool2d",
    )  # fmt: skip
    function: ClassVar[str] = "average"

    def beside(self, tool: str, *inputs: Volume) -> int:
        return summed(tool, *inputs)


class AdaptiveMaxpool(Adaptive):
    """Max pooling to a given size: windows that divide the input evenly, the largest value of each.

    Where the division is not exact the windows overlap by a cell. Of equal values the first in
    reading order wins and alone gets the gradient.

    Equation:
        y[i] = max of x[j] with floor(i W / size) <= j < ceil((i+1) W / size), on each axis

    Shapes:
        HxWxC -> size, the same for every input; `adaptive_maxpool((7, 5))` has one for each axis.

    Goes wrong:
        A size for another number of axes (E302). A size above the input's repeats cells.

    Example:
        net Example { input 13x13x256 ; adaptive_maxpool(6) ; flatten ; fc(1000) }

    Source:
        K. He et al., Spatial pyramid pooling in deep convolutional networks, 2014.
    """

    known_as: ClassVar[tuple[str, ...]] = (
        "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AdaptiveMaxPooling2D",
        "adaptive_max_pool2d",
    )  # fmt: skip
    function: ClassVar[str] = "max"
