"""Functions of each element whose derivative needs the input: it is computed on the way and kept instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import pi
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Unary

from ..erf import erfc
from .activations import pieces, rows
from .base import Rule, rule

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array

#: the value, and a function that gives the derivative
Result: TypeAlias = "tuple[Array, Callable[[], Array]]"


class Curve(Rule[Unary]):
    """y = f(x); dx = dy f'(x)."""

    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER
    finishes: ClassVar[bool] = True
    function: ClassVar[Callable[..., Result]]

    def prepare(self, backward: bool) -> None:
        self.slope = self.workspace.kept(self.y.shape) if backward else None

    def forward(self) -> None:
        x, y = self.x[0].array.reshape(-1), self.y.array.reshape(-1)
        slope = None if self.slope is None else self.slope.array.reshape(-1)
        for part in pieces(self.y.size):
            value, derivative = type(self).function(x[part], *self.primitive.amounts)
            if slope is not None:
                slope[part] = derivative()
            y[part] = value

    def finish(self, y: Array, *others: Array) -> Iterator[Call]:
        for part in rows(y):
            yield partial(self.apply, part)

    def apply(self, y: Array) -> None:
        np.copyto(y, type(self).function(y, *self.primitive.amounts)[0])

    def backward(self) -> None:
        dx, slope = self.dx[0], self.slope
        assert dx is not None and slope is not None, "it has no parameters"
        np.multiply(self.dy.array, slope.array, out=dx.array)


def curve(name: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Enters a function (x, *amounts) -> value and derivative as the rule of Unary `name`."""

    def enter(function: Callable[..., Result]) -> Callable[..., Result]:
        rule(Unary, name)(type(name, (Curve,), {"function": staticmethod(function), "__doc__": function.__doc__}))
        return function

    return enter


def sigmoid(x: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-x))
    return result


@curve("gelu")
def gelu(x: Array) -> Result:
    """x P(x) with the standard normal distribution P; slope P + x p (D. Hendrycks and K. Gimpel, 2016)."""
    below = 0.5 * erfc(x * -(0.5**0.5))
    return x * below, lambda: below + x * np.exp(-0.5 * x * x) * (2 * pi) ** -0.5


@curve("gelu_tanh")
def gelu_tanh(x: Array) -> Result:
    """x (1 + t) / 2, t = tanh(r (x + c x^3)); slope (1 + t) / 2 + x (1 - t^2) r (1 + 3 c x^2) / 2."""
    root, cubic = (2 / pi) ** 0.5, 0.044715
    t = np.tanh(root * (x + cubic * x * x * x))
    return 0.5 * x * (1 + t), lambda: 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * cubic * x * x)


@curve("silu")
def silu(x: Array) -> Result:
    """x s with s = 1 / (1 + exp(-x)); slope s (1 + x (1 - s)) (S. Elfwing et al., 2018)."""
    s = sigmoid(x)
    return x * s, lambda: s * (1 + x * (1 - s))


@curve("mish")
def mish(x: Array) -> Result:
    """x t with t = tanh(log(1 + e)), e = exp(x); slope t + x (1 - t^2) / (1 + exp(-x)) (D. Misra, 2019).

    t = e (e + 2) / (e (e + 2) + 2), which is 1 from far below exp(30) on.
    """
    e = np.exp(np.minimum(x, 30))
    e *= e + 2
    t = e / (e + 2)
    return x * t, lambda: t + x * (1 - t * t) * sigmoid(x)


@curve("hardswish")
def hardswish(x: Array) -> Result:
    """x min(max(x + 3, 0), 6) / 6; slope 0 up to -3, 1 from 3 on, (2 x + 3) / 6 between (A. Howard et al., 2019)."""
    return x * np.clip(x + 3, 0, 6) / 6, lambda: np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))


@curve("abs")
def absolute(x: Array) -> Result:
    """|x|; slope its sign, 0 at 0."""
    return np.abs(x), lambda: np.sign(x)


@curve("power")
def power(x: Array, exponent: float) -> Result:
    """x^p; slope p x^(p-1), 0 where that is not finite."""

    def slope() -> Array:
        found = exponent * np.power(x, exponent - 1)
        return np.where(np.isfinite(found), found, 0)

    return np.power(x, exponent), slope
