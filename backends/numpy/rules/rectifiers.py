"""Activations made of straight lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.program import Unary

from .activations import Function
from .base import rule

if TYPE_CHECKING:
    from ..memory import Array


@rule(Unary, "relu")
class Relu(Function):
    """y = max(x, 0); dx = dy where y > 0."""

    def slope_dtype(self) -> type | None:
        return np.bool_

    def apply(self, x: Array, y: Array) -> None:
        np.maximum(x, 0, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.greater(y, 0, out=slope)


@rule(Unary, "relu6")
class Relu6(Function):
    """y = min(max(x, 0), 6); dx = dy where 0 < y < 6."""

    def slope_dtype(self) -> type | None:
        return np.bool_

    def apply(self, x: Array, y: Array) -> None:
        np.clip(x, 0, 6, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.greater(y, 0, out=slope)
        slope &= y < 6


@rule(Unary, "leaky_relu")
class LeakyRelu(Function):
    """y = x where x > 0, else s x; dx = dy where y > 0, else s dy."""

    def apply(self, x: Array, y: Array) -> None:
        low = np.minimum(x, 0) * self.primitive.amounts[0]
        np.maximum(x, 0, out=y)
        y += low

    def differentiate(self, y: Array, slope: Array) -> None:
        (flat,) = self.primitive.amounts
        np.multiply(y > 0, 1 - flat, out=slope)
        slope += flat


@rule(Unary, "hardsigmoid")
class HardSigmoid(Function):
    """y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 where 0 < y < 1."""

    def apply(self, x: Array, y: Array) -> None:
        np.add(x, 3, out=y)
        np.clip(y, 0, 6, out=y)
        y /= 6

    def differentiate(self, y: Array, slope: Array) -> None:
        np.multiply((y > 0) & (y < 1), 1 / 6, out=slope)
