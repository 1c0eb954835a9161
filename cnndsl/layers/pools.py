"""Pools: each channel by itself, a window becomes one value."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.shapes import PaddingOnly
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Bounds, Layer, Lowering, hull
from cnndsl.layers.derive import CONNECTIONS, Step, product
from cnndsl.layers.scalars import Flag
from cnndsl.layers.window import PerAxis, Window, brief_window, steps, windows
from cnndsl.program import AveragePool, MaxPool, Pads, Primitive, Unary, Value
from cnndsl.volume import Volume, axis_names, known


class Pool(Layer, abstract=True):
    """Base of the kinds that reduce a window; a kind gives its primitive, or its lowering."""

    family: ClassVar[str] = "pool"
    by_channel: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    kernel: PerAxis = argument(Extents(), letter="F", known_as=("kernel_size", "pool_size", "ksize"), sample=3)
    stride: PerAxis | None = argument(Extents(), None, letter="S", shown="kernel", known_as=("strides",))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding",))
    dilation: PerAxis = argument(Extents(), 1, letter="D", known_as=("dilation_rate",))
    ceil: bool = argument(Flag(), False, known_as=("ceil_mode", "round_mode"))

    @property
    def step(self) -> PerAxis:
        return self.kernel if self.stride is None else self.stride

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        return windows(self.kind, volume, self.kernel, self.step, self.pad, self.dilation, self.ceil)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        found = self.windows(volume)
        for name, window in zip(axis_names(volume.rank), found, strict=True):
            if not window.covers:
                raise Refused(PaddingOnly(NOWHERE, self.kind, name, volume, window, found))
        return Volume((*(window.output for window in found), volume.channels))

    def reads(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return prod(window.meetings for window in self.windows(volume)) * known(volume.channels)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        return derive.slid(self.windows(*inputs))

    def linking(self, *inputs: Volume) -> Iterable[Step]:
        """Where no window leaves the input each reads its whole kernel; else the pairs are counted on each axis."""
        (volume,) = inputs
        found = self.windows(volume)
        whole = all(window.meetings == known(window.output) * window.kernel for window in found)
        if whole:
            factors = [*derive.spatial(self.output(volume), "2"), *derive.kernel([window.kernel for window in found])]
        else:
            names = axis_names(volume.rank)
            factors = [(f"M_{name[0]}", window.meetings) for name, window in zip(names, found, strict=True)]
            words = "pairs of a window and a cell of the input in it"
            yield from (Step(letter, words, "", pairs) for letter, pairs in factors)
        yield product(CONNECTIONS, [*factors, ("C", known(volume.channels))], self.connections(volume))

    def brief(self) -> str:
        return brief_window(self.kind, self.kernel, 1 if self.step == self.kernel else self.step)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def primitive(self, found: tuple[Window, ...], pads: Pads) -> Primitive:
        """What a backend runs; `pads` hold what a ceil window overhangs."""
        raise NotImplementedError

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        found = self.windows(volume)
        pads = tuple((window.low, window.high + window.overhang) for window in found)
        return lowering.emit(self.primitive(found, pads), value, shape=self.output(volume).shape)


class Largest(Pool, abstract=True):
    """Base of the kinds that pick a value of each window."""

    def primitive(self, found: tuple[Window, ...], pads: Pads) -> Primitive:
        kernel, stride, dilation = steps(found)
        return MaxPool(kernel, stride, pads, dilation)


class Maxpool(Largest):
    """Max pooling: the largest value of each window.

    Padding is minus infinity, so it never wins; of equal values the first in reading order wins
    and alone gets the gradient.

    Equation:
        y[o] = max over f of x[o*S + f*D - P], for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). Unless the division is exact, cells at the end are not read: `ceil=true` reads them.

    Example:
        net Example { input 55x55x96 ; maxpool(3, stride=2) }

    Source:
        K. Yamaguchi et al., 1990; M. Riesenhuber and T. Poggio, 1999.
    """

    known_as: ClassVar[tuple[str, ...]] = (
        "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "MaxPool", "max_pool",
        "max_pool2d", "max_pooling", "pool",
    )  # fmt: skip

    @property
    def gathers(self) -> str:
        return "max"


class Minpool(Largest):
    """Min pooling: the smallest value of each window; in image processing an erosion.

    Padding is plus infinity, so it never wins; of equal values the first in reading order wins and
    alone gets the gradient.

    Equation:
        y[o] = min over f of x[o*S + f*D - P], for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). After `relu` most windows hold a 0, which wins.

    Example:
        net Example { input 28x28x1 ; minpool(2) }

    Source:
        J. Serra, Image analysis and mathematical morphology, 1982.
    """

    known_as: ClassVar[tuple[str, ...]] = ("MinPool", "MinPooling2D", "min_pool", "erosion")

    @property
    def gathers(self) -> str:
        return "min"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        turned = super().lower(lowering, lowering.emit(Unary("negative"), value, shape=value.shape))
        return lowering.emit(Unary("negative"), turned, shape=turned.shape)


class Avgpool(Pool):
    """Average pooling: the mean of each window.

    The mean is over the cells that exist; with `count_pad` the zeros of the declared padding count
    as cells. A ceil window that overhangs is averaged over what it covers.

    Equation:
        y[o] = sum over f of x[o*S + f*D - P] / n, with n the cells that count, for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). PyTorch counts padding unless told otherwise: that is `count_pad=true` here.

    Example:
        net Example { input 28x28x6 ; avgpool(2) }

    Source:
        Y. LeCun et al., Backpropagation applied to handwritten zip code recognition, 1989.
    """

    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "AvgPool1d", "AvgPool2d", "AvgPool3d", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool",
        "avg_pool", "avg_pool2d", "average_pool", "averagepool", "mean_pool",
    )  # fmt: skip

    count_pad: bool = argument(Flag(), False, known_as=("count_include_pad",))

    @property
    def gathers(self) -> str:
        return "mean with padding" if self.count_pad else "mean"

    def bounds(self, *given: Bounds) -> Bounds:
        return hull(given[0], (0.0, 0.0)) if self.count_pad else given[0]

    def primitive(self, found: tuple[Window, ...], pads: Pads) -> Primitive:
        kernel, stride, dilation = steps(found)
        counted = tuple((window.low, window.high) if self.count_pad else (0, 0) for window in found)
        return AveragePool(kernel, stride, pads, dilation, counted)
