"""Regularizers: noise while training, the identity otherwise and where they are frozen."""

from __future__ import annotations

from typing import ClassVar

from cnndsl import primitives, program
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Lowering, SameSize
from cnndsl.layers.scalars import Real
from cnndsl.program import Value

RATE = Real(0, 1, open_maximum=True)
RATE_ELSEWHERE = ("p", "prob", "drop_prob", "dropout_ratio", "drop_rate")


class Dropping(SameSize, abstract=True):
    """Base of the kinds that set parts to 0 at random; `whole` is what is dropped together."""

    family: ClassVar[str] = "regularizer"
    linear: ClassVar[bool] = True
    transparent: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    whole: ClassVar[str] = "element"

    rate: float = argument(RATE, known_as=RATE_ELSEWHERE)

    @property
    def disturbs(self) -> bool:
        return self.rate > 0

    def bounds(self, *given: Bounds) -> Bounds:
        low, high = given[0]
        return min(low / (1 - self.rate), 0.0), max(high / (1 - self.rate), 0.0)

    def brief(self) -> str:
        return f"{self.kind} {self.rate:g}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        if self.rate == 0 or lowering.frozen:
            return value
        return lowering.emit(program.Dropout(self.rate, lowering.stream(), self.whole), value, shape=value.shape)


class Dropout(Dropping):
    """While training, sets each value to 0 with probability `rate` and scales the rest up.

    The mask follows from the seed, the layer's path and the step, so it is the same in every
    backend and does not change when another layer is added. Where it is frozen nothing is dropped.

    Equation:
        training: y = x m / (1 - rate), with m = 0 or 1 at random, P(m = 0) = rate; otherwise y = x

    Shapes:
        any volume -> the same.

    Goes wrong:
        A rate of 1 would drop everything: it is below 1.

    Example:
        net Example { input 256 ; fc(4096) -> relu -> dropout(0.5) }

    Source:
        G. Hinton et al., Improving neural networks by preventing co-adaptation of feature
        detectors, 2012; N. Srivastava et al., 2014.
    """

    known_as: ClassVar[tuple[str, ...]] = ("Dropout", "AlphaDropout")

    rate: float = argument(RATE, 0.5, known_as=RATE_ELSEWHERE)


class SpatialDropout(Dropping):
    """While training, sets whole channels of an example to 0 and scales the rest up.

    Neighbours in a channel are so alike that dropping single values of it drops little.

    Equation:
        training: y[h, w, c] = x[h, w, c] m[c] / (1 - rate), P(m = 0) = rate; otherwise y = x

    Shapes:
        any volume with spatial axes -> the same.

    Goes wrong:
        A vector has no spatial axes (E304): that is `dropout`. A rate of 1 would drop everything.

    Example:
        net Example { input 32x32x16 ; conv(32, 3) -> relu -> spatial_dropout(0.2) }

    Source:
        J. Tompson et al., Efficient object localization using convolutional networks, 2014.
    """

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    known_as: ClassVar[tuple[str, ...]] = (
        "Dropout1d", "Dropout2d", "Dropout3d", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
    )  # fmt: skip
    whole: ClassVar[str] = "channel"


class DropPath(Dropping):
    """While training, sets the whole branch to 0 for some of the examples and scales the others up.

    At the end of a residual branch it skips the block at random: stochastic depth.

    Equation:
        training: y = x m / (1 - rate), one m for each example, P(m = 0) = rate; otherwise y = x

    Shapes:
        any volume -> the same.

    Goes wrong:
        Outside a join it wipes out the example. A rate of 1 would drop every branch.

    Example:
        net Example { input 8x8x4 ; add { id | conv(4, 3, pad=1) -> drop_path(0.1) } }

    Source:
        G. Huang et al., Deep networks with stochastic depth, 2016; G. Larsson, M. Maire and
        G. Shakhnarovich, FractalNet, 2016.
    """

    known_as: ClassVar[tuple[str, ...]] = ("DropPath", "StochasticDepth", "stochastic_depth")
    whole: ClassVar[str] = "example"


class Noise(SameSize):
    """While training, adds normal noise of mean 0.

    It follows from the seed, the layer's path and the step, as the masks of dropout do.

    Equation:
        training: y = x + std n, with n normal of mean 0 and variance 1; otherwise y = x

    Shapes:
        any volume -> the same.

    Goes wrong:
        Nothing; a std that is large beside the values of the input drowns them.

    Example:
        net Example { input 28x28x1 ; noise(0.1) ; conv(6, 5) -> relu }

    Source:
        C. Bishop, Training with noise is equivalent to Tikhonov regularization, 1995.
    """

    family: ClassVar[str] = "regularizer"
    linear: ClassVar[bool] = True
    transparent: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("GaussianNoise", "gaussian_noise")

    std: float = argument(Real(0), known_as=("stddev", "sigma"))

    def brief(self) -> str:
        return f"{self.kind} {self.std:g}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        if self.std == 0 or lowering.frozen:
            return value
        return lowering.emit(primitives.Noise(self.std, lowering.stream()), value, shape=value.shape)
