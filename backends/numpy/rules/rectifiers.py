"""Activations made of straight lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.program import Unary

from .activations import LONG, Function
from .base import rule

if TYPE_CHECKING:
    from ..memory import Array, Buffer


class Rectifier(Function):
    """One of straight lines that is done to a piece of an array that another rule has just made."""

    piece: ClassVar[int] = LONG


@rule(Unary, "relu")
class Relu(Rectifier):
    """y = max(x, 0); dx = dy where y > 0."""

    def apply(self, x: Array, y: Array) -> None:
        np.clip(x, 0, np.inf, out=y)  # twice as fast as the maximum of an array and a number

    def differentiate(self, y: Array, slope: Array) -> None:
        np.greater(y, 0, out=slope)


@rule(Unary, "relu6")
class Relu6(Rectifier):
    """y = min(max(x, 0), 6); dx = dy where 0 < y < 6."""

    works_in: ClassVar[tuple[type | None, ...]] = (np.bool_, np.bool_)

    def apply(self, x: Array, y: Array) -> None:
        np.clip(x, 0, 6, out=y)

    def pull(self, y: Array, dy: Array, dx: Array, *rooms: Array) -> None:
        above, below = rooms
        np.greater(y, 0, out=above)
        np.less(y, 6, out=below)
        np.logical_and(above, below, out=above)
        np.multiply(dy, above, out=dx)


@rule(Unary, "leaky_relu")
class LeakyRelu(Function):
    """y = x where x > 0, else s x; dx = dy where y > 0, else s dy.

    Where s <= 0 the sign of x cannot be told from y, and is kept.
    """

    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        (self.slope,) = self.primitive.amounts
        self.above: Buffer | None = None
        if backward and self.slope <= 0:
            self.above = self.tells = self.workspace.kept(self.y.shape, np.bool_)

    def forward(self) -> None:
        if self.above:
            np.greater(self.x[0].array, 0, out=self.above.array)
        super().forward()

    def apply(self, x: Array, y: Array) -> None:
        if self.slope:
            (np.maximum if self.slope <= 1 else np.minimum)(x, x * self.slope, out=y)
        else:  # an infinity times 0 is not a number
            np.clip(x, 0, np.inf, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.greater(y, 0, out=slope)
        slope *= 1 - self.slope
        slope += self.slope


@rule(Unary, "hardsigmoid")
class HardSigmoid(Function):
    """y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 where 0 < y < 1."""

    def apply(self, x: Array, y: Array) -> None:
        np.add(x, 3, out=y)
        np.clip(y, 0, 6, out=y)
        y /= 6

    def differentiate(self, y: Array, slope: Array) -> None:
        np.multiply((y > 0) & (y < 1), 1 / 6, out=slope)
