"""Pools beyond the largest and the mean: medianpool, modepool, lppool."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, ClassVar

from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Lowering
from cnndsl.layers.patches import patches
from cnndsl.layers.pools import Pool
from cnndsl.layers.scalars import Real
from cnndsl.layers.window import Window, steps
from cnndsl.primitives import Reduce
from cnndsl.program import AveragePool, Pads, Primitive, Unary, Value
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments


class Ranked(Pool, abstract=True):
    """Base of the pools that look at the cells in order of their values; padding is left out."""

    function: ClassVar[str] = ""

    @property
    def gathers(self) -> str:
        return self.function

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        seen = patches(lowering, value, self.windows(volume), fill=inf)
        return lowering.emit(Reduce(self.function, -2), seen, shape=self.output(volume).shape)


class Medianpool(Ranked):
    """Median pooling: the value in the middle of each window, which single outliers do not move.

    Of an even number of cells it is the mean of the middle two. Padding, and what a ceil window
    overhangs, is left out.

    Equation:
        y[o] = median over f of x[o*S + f*D - P], for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). It sorts every window: it is much slower than the other pools.

    Example:
        net Example { input 28x28x1 ; medianpool(3, stride=1, pad=1) }

    Source:
        J. Tukey, Exploratory data analysis, 1977.
    """

    known_as: ClassVar[tuple[str, ...]] = ("MedianPool", "MedianPool2d", "median_pool", "median_filter", "medfilt")
    function: ClassVar[str] = "median"


class Modepool(Ranked):
    """Mode pooling: the most frequent value of each window, the smallest of them if there are several.

    It is for values of a few levels, such as a map of classes. The gradient goes to the first cell
    with the value. Padding, and what a ceil window overhangs, is left out.

    Equation:
        y[o] = mode over f of x[o*S + f*D - P], for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). Where all values differ it is the smallest one.

    Example:
        net Example { input 64x64x1 ; modepool(2) }

    Source:
        E. Davies, On the noise suppression and image enhancement characteristics of the median,
        truncated median and mode filters, 1988.
    """

    known_as: ClassVar[tuple[str, ...]] = ("ModePool", "mode_pool", "majority_pool")
    function: ClassVar[str] = "mode"


class Lppool(Pool, first=True):
    """Power pooling: the p-norm of each window, between the sum (p = 1) and the maximum (large p).

    Padding is 0 and adds nothing. Where a window holds only zeros the gradient is 0.

    Equation:
        y[o] = (sum over f of |x[o*S + f*D - P]|^p)^(1/p), for each channel

    Shapes:
        HxWxC -> H2xW2xC, with W2 = floor((W + P_lo + P_hi - D(F-1) - 1) / S) + 1 on each axis;
        with `ceil` the division rounds up if the last window starts inside the input.

    Goes wrong:
        The window is larger than its padded input (E301); the padding is as wide as the window
        (E307). A large p underflows: in float32 0.001^13 is 0.

    Example:
        net Example { input 32x32x16 ; lppool(2, 2) }

    Source:
        P. Sermanet, S. Chintala and Y. LeCun, Convolutional neural networks applied to house
        numbers digit classification, 2012.
    """

    between: ClassVar[Bounds] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("LPPool1d", "LPPool2d", "LPPool3d", "lp_pool", "l2pool", "power_pool")

    p: float = argument(Real(1), known_as=("norm_type",), sample=2.0)

    @property
    def gathers(self) -> str:
        return f"norm {self.p:g}"

    def brief(self) -> str:
        return super().brief().replace(self.kind, f"l{self.p:g}pool", 1)

    def bounds(self, *given: Bounds) -> Bounds:
        return self.between

    def primitive(self, found: tuple[Window, ...], pads: Pads) -> Primitive:
        kernel, stride, dilation = steps(found)
        return AveragePool(kernel, stride, pads, dilation, counted=pads)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        """The mean of |x|^p over whole windows, zeros of the padding counted, times their cells: the sum."""
        (value,) = inputs
        cells = prod(window.kernel for window in self.windows(Volume(value.shape)))
        for function, amount in (("abs", ()), ("power", (self.p,))):
            value = lowering.emit(Unary(function, amount), value, shape=value.shape)
        value = super().lower(lowering, value)
        for function, amount in (("multiply", (float(cells),)), ("power", (1 / self.p,))):
            value = lowering.emit(Unary(function, amount), value, shape=value.shape)
        return value

    def moments(self, before: Before) -> Moments | None:
        return None  # it grows with the window, and with how alike the cells are
