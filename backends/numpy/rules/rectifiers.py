"""Activations made of straight lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Unary

from .activations import LONG, Function, pieces
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


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
class LeakyRelu(Rule[Unary]):
    """y = x where x > 0, else s x; dx = dy where x > 0, else s dy. With s < 0 that cannot be told from y."""

    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        self.above = self.workspace.kept(self.y.shape, np.bool_) if backward else None

    def forward(self) -> None:
        x, y = (buffer.array.reshape(-1) for buffer in (self.x[0], self.y))
        (slope,) = self.primitive.amounts
        for part in pieces(y.size):
            if self.above:
                np.greater(x[part], 0, out=self.above.array.reshape(-1)[part])
            low = np.minimum(x[part], 0) * slope
            np.maximum(x[part], 0, out=y[part])
            y[part] += low

    def backward(self) -> None:
        assert self.dx[0] is not None and self.above is not None, "it has no parameters"
        dy, dx, above = (buffer.array.reshape(-1) for buffer in (self.dy, self.dx[0], self.above))
        (slope,) = self.primitive.amounts
        for part in pieces(dy.size):
            factor = np.multiply(above[part], 1 - slope, dtype=dy.dtype)
            factor += slope
            np.multiply(dy[part], factor, out=dx[part])


@rule(Unary, "hardsigmoid")
class HardSigmoid(Function):
    """y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 where 0 < y < 1."""

    def apply(self, x: Array, y: Array) -> None:
        np.add(x, 3, out=y)
        np.clip(y, 0, 6, out=y)
        y /= 6

    def differentiate(self, y: Array, slope: Array) -> None:
        np.multiply((y > 0) & (y < 1), 1 / 6, out=slope)
