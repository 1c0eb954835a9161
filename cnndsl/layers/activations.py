"""Activations that bend a line: relu and what was made of it, each a function of every value."""

from __future__ import annotations

from functools import cached_property
from math import expm1, inf, sqrt
from typing import TYPE_CHECKING, ClassVar

from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Lowering, SameSize, Weights
from cnndsl.layers.scalars import Real
from cnndsl.primitives import PRelu
from cnndsl.program import Start, Unary, Value
from cnndsl.volume import Volume, known

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments


class Elementwise(SameSize, abstract=True):
    """Base of the kinds that apply a function without learned numbers to every value.

    Backends know it as `Unary`, by default with the name of the kind.
    """

    family: ClassVar[str] = "activation"
    by_channel: ClassVar[bool] = True

    def bounds(self, *given: Bounds) -> Bounds:
        (low, high), same = given[0], self.unchanged
        return (low, high) if same and same[0] <= low and high <= same[1] else self.between

    #: whether f(a x) = a f(x) for every a > 0: what it makes of a mean of 0 is then only scaled
    homogeneous: ClassVar[bool] = False

    def at(self, x: float) -> float:
        """The function's value at a number."""
        raise NotImplementedError

    def moments(self, before: Before) -> Moments | None:
        from cnndsl.layers.moments import bent

        (given,) = before.given
        return self._unit.times(sqrt(given.variance)) if self.homogeneous and not given.mean else bent(given, self.at)

    @cached_property
    def _unit(self) -> Moments:
        """The moments of its output for a standard normal input."""
        from cnndsl.layers.moments import Moments, bent

        return bent(Moments(), self.at)

    def function(self) -> Unary:
        """What is applied, with its numbers."""
        return Unary(self.kind)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(self.function(), value, shape=value.shape)


class Relu(Elementwise):
    """Rectified linear unit: negative values become 0.

    Equation:
        y = max(x, 0); its slope at 0 counts as 0.

    Shapes:
        any volume -> the same.

    Goes wrong:
        A unit whose inputs are always negative has no gradient and stays dead; a lower learning
        rate or batch normalization before it helps. Weights before it start with `he`.

    Example:
        net Example { input 28x28x1 ; conv(6, 5) -> relu }

    Source:
        K. Fukushima, 1969; V. Nair and G. Hinton, Rectified linear units improve restricted
        Boltzmann machines, 2010.
    """

    rectifies: ClassVar[bool] = True
    homogeneous: ClassVar[bool] = True
    between: ClassVar[Bounds] = (0.0, inf)
    unchanged: ClassVar[Bounds | None] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("ReLU", "rectify", "Rectifier")

    def at(self, x: float) -> float:
        return max(x, 0.0)


class Relu6(Elementwise):
    """Rectified linear unit that stops at 6.

    The bound keeps activations in a range that few bits hold, for networks on telephones.

    Equation:
        y = min(max(x, 0), 6); its slope at 0 and at 6 counts as 0.

    Shapes:
        any volume -> the same.

    Goes wrong:
        Above 6 there is no gradient: inputs that are not normalized get stuck there.

    Example:
        net Example { input 32x32x3 ; conv(32, 3, stride=2) -> batchnorm -> relu6 }

    Source:
        A. Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010; A. Howard et al., MobileNets,
        2017.
    """

    rectifies: ClassVar[bool] = True
    between: ClassVar[Bounds] = (0.0, 6.0)
    unchanged: ClassVar[Bounds | None] = (0.0, 6.0)
    known_as: ClassVar[tuple[str, ...]] = ("ReLU6",)

    def at(self, x: float) -> float:
        return min(max(x, 0.0), 6.0)


class LeakyRelu(Elementwise):
    """Rectified linear unit that lets a little of the negative values through.

    No unit is ever dead: its gradient is `slope` there.

    Equation:
        y = x where x > 0, else slope * x; its slope at 0 counts as `slope`.

    Shapes:
        any volume -> the same.

    Goes wrong:
        With a slope of 1 it is the identity. Keras's default is 0.3, PyTorch's 0.01 as here.

    Example:
        net Example { input 64x64x3 ; conv(64, 4, stride=2, pad=1) -> leaky_relu(0.2) }

    Source:
        A. Maas, A. Hannun and A. Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.
    """

    rectifies: ClassVar[bool] = True
    homogeneous: ClassVar[bool] = True
    unchanged: ClassVar[Bounds | None] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("LeakyReLU", "lrelu", "leakyrelu")

    slope: float = argument(Real(), 0.01, known_as=("negative_slope", "alpha"))

    def at(self, x: float) -> float:
        return x if x > 0 else self.slope * x

    def function(self) -> Unary:
        return Unary(self.kind, (self.slope,))


class Prelu(SameSize):
    """Rectified linear unit whose slope for negative values is learned, one for each channel.

    Equation:
        y = x where x > 0, else weight[c] * x

    Shapes:
        any volume -> the same; weight (C), which starts at 0.25.

    Goes wrong:
        Weight decay pulls the slopes to 0, that is to `relu`: they are left out of it.

    Example:
        net Example { input 28x28x1 ; conv(6, 5) -> prelu }

    Source:
        K. He et al., Delving deep into rectifiers: surpassing human-level performance on ImageNet
        classification, 2015.
    """

    family: ClassVar[str] = "activation"
    rectifies: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    unchanged: ClassVar[Bounds | None] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("PReLU", "parametric_relu")

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        return (Weights("weight", (known(volume.channels),), Start("constant", 0.25), "norm"),)

    def moments(self, before: Before) -> Moments | None:
        from cnndsl.layers.moments import bent

        slope = before.start("weight", 0.25)
        return bent(before.given[0], lambda x: x if x > 0 else slope * x)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0] if given[0][0] >= 0 else self.between

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(PRelu(lowering.name("weight")), value, shape=value.shape)


class Elu(Elementwise):
    """Exponential linear unit: a line for positive values, a curve down to -alpha for negative ones.

    Means are closer to 0 than those of relu.

    Equation:
        y = x where x > 0, else alpha * (exp(x) - 1)

    Shapes:
        any volume -> the same.

    Goes wrong:
        Its slope jumps at 0 unless alpha is 1: `celu` has none for any alpha.

    Example:
        net Example { input 32x32x3 ; conv(32, 3) -> elu }

    Source:
        D.-A. Clevert, T. Unterthiner and S. Hochreiter, Fast and accurate deep network learning by
        exponential linear units, 2015.
    """

    rectifies: ClassVar[bool] = True
    unchanged: ClassVar[Bounds | None] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("ELU",)

    alpha: float = argument(Real(0, open_minimum=True), 1.0)

    def at(self, x: float) -> float:
        return x if x > 0 else self.alpha * expm1(x)

    def function(self) -> Unary:
        return Unary(self.kind, (self.alpha,))


class Selu(Elementwise):
    """Scaled exponential linear unit: keeps mean 0 and variance 1 from layer to layer.

    It does so for weights that start with `init=lecun`.

    Equation:
        y = 1.0507 * (x where x > 0, else 1.6733 * (exp(x) - 1))

    Shapes:
        any volume -> the same.

    Goes wrong:
        With other starts, with skips or with batchnorm it does not normalize itself.

    Example:
        net Example { input 784 ; fc(256, init=lecun) -> selu ; fc(10, init=lecun) }

    Source:
        G. Klambauer et al., Self-normalizing neural networks, 2017.
    """

    known_as: ClassVar[tuple[str, ...]] = ("SELU",)

    def at(self, x: float) -> float:
        return 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * expm1(x))


class Celu(Elementwise):
    """Exponential linear unit whose slope is 1 at 0 for every alpha.

    Equation:
        y = x where x > 0, else alpha * (exp(x / alpha) - 1)

    Shapes:
        any volume -> the same.

    Goes wrong:
        Nothing by itself; with alpha = 1 it is `elu`.

    Example:
        net Example { input 32x32x3 ; conv(32, 3) -> celu(0.5) }

    Source:
        J. Barron, Continuously differentiable exponential linear units, 2017.
    """

    rectifies: ClassVar[bool] = True
    unchanged: ClassVar[Bounds | None] = (0.0, inf)
    known_as: ClassVar[tuple[str, ...]] = ("CELU",)

    alpha: float = argument(Real(0, open_minimum=True), 1.0)

    def at(self, x: float) -> float:
        return x if x > 0 else self.alpha * expm1(x / self.alpha)

    def function(self) -> Unary:
        return Unary(self.kind, (self.alpha,))
