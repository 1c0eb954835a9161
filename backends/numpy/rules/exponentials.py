"""Activations made of exponentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.program import Unary

from .activations import Function
from .base import rule

if TYPE_CHECKING:
    from ..memory import Array


@rule(Unary, "exp")
class Exp(Function):
    """y = exp x; dx = dy y."""

    def apply(self, x: Array, y: Array) -> None:
        np.exp(x, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.copyto(slope, y)


@rule(Unary, "sigmoid")
class Sigmoid(Function):
    """y = 1 / (1 + exp(-x)); dx = dy y (1 - y)."""

    def apply(self, x: Array, y: Array) -> None:
        np.negative(x, out=y)
        np.exp(y, out=y)
        y += 1
        np.reciprocal(y, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.subtract(1, y, out=slope)
        slope *= y


@rule(Unary, "tanh")
class Tanh(Function):
    """y = tanh x; dx = dy (1 - y^2)."""

    def apply(self, x: Array, y: Array) -> None:
        np.tanh(x, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.multiply(y, y, out=slope)
        np.subtract(1, slope, out=slope)


@rule(Unary, "lecun_tanh")
class LecunTanh(Function):
    """y = a tanh(2 x / 3), a = 1.7159; dx = dy 2/3 (a - y^2 / a) (Y. LeCun et al., 1998)."""

    amplitude: ClassVar[float] = 1.7159

    def apply(self, x: Array, y: Array) -> None:
        np.multiply(x, 2 / 3, out=y)
        np.tanh(y, out=y)
        y *= self.amplitude

    def differentiate(self, y: Array, slope: Array) -> None:
        np.multiply(y, y, out=slope)
        slope *= -2 / 3 / self.amplitude
        slope += 2 / 3 * self.amplitude


@rule(Unary, "softplus")
class Softplus(Function):
    """y = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)); dx = dy (1 - exp(-y))."""

    def apply(self, x: Array, y: Array) -> None:
        rest = np.abs(x)
        np.negative(rest, out=rest)
        np.log1p(np.exp(rest, out=rest), out=rest)
        np.maximum(x, 0, out=y)
        y += rest

    def differentiate(self, y: Array, slope: Array) -> None:
        np.negative(y, out=slope)
        np.expm1(slope, out=slope)
        np.negative(slope, out=slope)


class Exponential(Function):
    """y = l x where x > 0, else l a (exp(x / t) - 1); dx = l dy where y > 0, else dy (y + l a) / t.

    elu: D.-A. Clevert et al., 2016 (t = 1); selu: G. Klambauer et al., 2017; celu: J. Barron, 2017 (t = a).
    """

    scale: float = 1.0
    alpha: float = 1.0
    width: float = 1.0

    def apply(self, x: Array, y: Array) -> None:
        above = x > 0
        low = np.minimum(x, 0)
        low /= self.width
        np.expm1(low, out=low)
        low *= self.scale * self.alpha
        np.multiply(x, self.scale, out=y)
        np.copyto(y, low, where=~above)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.add(y, self.scale * self.alpha, out=slope)
        slope /= self.width
        np.copyto(slope, self.scale, where=y > 0)


@rule(Unary, "elu")
class Elu(Exponential):
    def prepare(self, backward: bool) -> None:
        (self.alpha,) = self.primitive.amounts


@rule(Unary, "selu")
class Selu(Exponential):
    scale = 1.0507009873554805
    alpha = 1.6732632423543772


@rule(Unary, "celu")
class Celu(Exponential):
    def prepare(self, backward: bool) -> None:
        (self.alpha,) = self.primitive.amounts
        self.width = self.alpha
