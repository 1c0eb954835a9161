"""Functions of each element, alone or together with the same element of other inputs; and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl import random
from cnndsl.program import Combine, Dropout, Unary

from .base import Place, Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


class Function(Rule[Unary]):
    """A function whose derivative is known from its value."""

    reads_output: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        if backward:
            self.slope = self.workspace.backward_scratch(self.y.shape, self.slope_dtype())

    def slope_dtype(self) -> type | None:
        """The type of the array for the derivative; None for that of the values."""
        return None

    def forward(self) -> None:
        self.apply(self.x[0].array, self.y.array)

    def backward(self) -> None:
        dx = self.dx[0]
        assert dx is not None, "it has no parameters"
        self.differentiate(self.y.array, self.slope.array)
        np.multiply(self.dy.array, self.slope.array, out=dx.array)

    def apply(self, x: Array, y: Array) -> None:
        raise NotImplementedError

    def differentiate(self, y: Array, slope: Array) -> None:
        """Writes dy/dx."""
        raise NotImplementedError


@rule(Unary, "relu")
class Relu(Function):
    """y = max(x, 0); dx = dy where y > 0."""

    def slope_dtype(self) -> type | None:
        return np.bool_

    def apply(self, x: Array, y: Array) -> None:
        np.maximum(x, 0, out=y)

    def differentiate(self, y: Array, slope: Array) -> None:
        np.greater(y, 0, out=slope)


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


def add_up(array: Array, shape: tuple[int, ...], out: Array) -> None:
    """Writes the sum over the axes along which an array of the given shape was broadcast to this one."""
    spread = tuple(i for i, (wide, narrow) in enumerate(zip(array.shape, shape)) if narrow == 1 and wide != 1)
    np.add.reduce(array, axis=spread, keepdims=True, out=out) if spread else np.copyto(out, array)


@rule(Combine, "add")
class Add(Rule[Combine]):
    """y = a + b + …; each input's gradient is dy, summed over the axes along which it was broadcast."""

    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.SAME

    def forward(self) -> None:
        first, second, *others = (buffer.array for buffer in self.x)
        y = self.y.array
        np.add(first, second, out=y)
        for other in others:
            np.add(y, other, out=y)

    def backward(self) -> None:
        for dx in self.dx:
            if dx is not None:
                add_up(self.dy.array, dx.shape, dx.array)


@rule(Combine, "mul")
class Multiply(Rule[Combine]):
    """y = a b …; da = dy b …, summed over the axes along which a was broadcast."""

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        if backward:
            self.product = self.workspace.backward_scratch(self.y.shape)

    def forward(self) -> None:
        first, second, *others = (buffer.array for buffer in self.x)
        y = self.y.array
        np.multiply(first, second, out=y)
        for other in others:
            np.multiply(y, other, out=y)

    def backward(self) -> None:
        product = self.product.array
        for i, dx in enumerate(self.dx):
            if dx is not None:
                np.copyto(product, self.dy.array)
                for other in self.x[:i] + self.x[i + 1 :]:
                    np.multiply(product, other.array, out=product)
                add_up(product, dx.shape, dx.array)


@rule(Dropout)
class Drop(Rule[Dropout]):
    """Training: y = x m / (1 - rate) with the mask m of `cnndsl.random`; dx = dy m / (1 - rate)."""

    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        if self.workspace.training:
            ask = self.workspace.kept if backward else self.workspace.forward_scratch
            self.mask = ask(self.y.shape, np.bool_)

    def forward(self) -> None:
        x, y, state = self.x[0].array, self.y.array, self.workspace.state
        if not self.workspace.training:
            if self.y.root is not self.x[0].root:
                np.copyto(y, x)
            return
        key = random.dropout_key(state.seed, self.primitive.stream)
        random.kept(key, state.step, self.primitive.rate, self.mask.array)
        self.scale(x, y)

    def backward(self) -> None:
        dx = self.dx[0]
        assert dx is not None, "it has no parameters"
        self.scale(self.dy.array, dx.array)

    def scale(self, source: Array, target: Array) -> None:
        np.multiply(source, self.mask.array, out=target)
        target *= 1 / (1 - self.primitive.rate)
