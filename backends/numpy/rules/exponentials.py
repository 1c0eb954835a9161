"""Activations made of exponentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.program import Unary

from .activations import Function
from .base import rule

if TYPE_CHECKING:
    from ..memory import Array


def exp_minus_1(x: Array) -> Array:
    """exp(x) - 1 of numbers not above 0, precise near 0: 2 t / (1 - t) with t = tanh(x / 2), faster than NumPy's."""
    t = np.tanh(x * 0.5)
    result: Array = 2 * t / (1 - t)
    return result


def log_1_plus(x: Array) -> Array:
    """log(1 + x), precise near 0 (W. Kahan): what rounding 1 + x changes is undone. Faster than NumPy's."""
    total = 1 + x
    rounded = total - 1
    return np.where(rounded == 0, x, np.log(total) * (x / rounded))


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
        rest = log_1_plus(np.exp(-np.abs(x)))
        np.maximum(x, 0, out=y)
        y += rest

    def differentiate(self, y: Array, slope: Array) -> None:
        np.negative(exp_minus_1(-y), out=slope)


class Exponential(Function):
    """y = l x where x > 0, else l a (exp(x / t) - 1); dx = l dy where y > 0, else dy (y + l a) / t.

    elu: D.-A. Clevert et al., 2016 (t = 1); selu: G. Klambauer et al., 2017; celu: J. Barron, 2017 (t = a).
    """

    scale: float = 1.0
    alpha: float = 1.0
    width: float = 1.0

    def apply(self, x: Array, y: Array) -> None:
        low = exp_minus_1(np.minimum(x, 0) / self.width)
        low *= self.scale * self.alpha
        np.maximum(x, 0, out=y)
        y *= self.scale
        y += low

    def differentiate(self, y: Array, slope: Array) -> None:
        low = (y + self.scale * self.alpha) / self.width
        np.copyto(slope, np.where(y > 0, self.scale, low))


@rule(Unary, "elu")
class Elu(Exponential):
    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        (self.alpha,) = self.primitive.amounts


@rule(Unary, "selu")
class Selu(Exponential):
    scale = 1.0507009873554805
    alpha = 1.6732632423543772


@rule(Unary, "celu")
class Celu(Exponential):
    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        (self.alpha,) = self.primitive.amounts
        self.width = self.alpha
