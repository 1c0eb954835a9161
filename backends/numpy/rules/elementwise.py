"""Several inputs combined element by element; an extent of 1 broadcasts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Combine

from .base import Rule, rule

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array, Buffer


def add_up(array: Array, shape: tuple[int, ...], out: Array) -> None:
    """Writes the sum over the axes along which an array of the given shape was broadcast to this one."""
    spread = tuple(i for i, (wide, narrow) in enumerate(zip(array.shape, shape)) if narrow == 1 and wide != 1)
    np.add.reduce(array, axis=spread, keepdims=True, out=out) if spread else np.copyto(out, array)


class Join(Rule[Combine]):
    """y = f(… f(f(a, b), c) …)."""

    function: ClassVar[np.ufunc]
    places: ClassVar[Place] = Place.OVER

    def forward(self) -> None:
        first, *others = (buffer.array for buffer in self.x)
        y = self.y.array
        reduce(lambda found, other: self.function(found, other, out=y), others, first)


@rule(Combine, "add")
class Add(Join):
    """y = a + b + …; each input's gradient is dy, summed over the axes along which it was broadcast."""

    function = np.add
    places_gradient: ClassVar[Place] = Place.SAME
    finishes: ClassVar[bool] = True

    def finish(self, y: Array, *others: Array) -> Iterator[Call]:
        for other in others:
            yield partial(np.add, y, other, out=y)

    def backward(self) -> None:
        for dx in self.dx:
            if dx is not None:
                add_up(self.dy.array, dx.shape, dx.array)


class Weighted(Join):
    """Each input's gradient is dy times a number."""

    places_gradient: ClassVar[Place] = Place.OVER

    def weights(self) -> tuple[float, ...]:
        raise NotImplementedError

    def backward(self) -> None:
        for weight, dx in sorted(self.gradients(), key=lambda each: each[1].root is self.dy.root):
            add_up(self.dy.array, dx.shape, dx.array)
            dx.array *= weight

    def gradients(self) -> Iterator[tuple[float, Buffer]]:
        return ((weight, dx) for weight, dx in zip(self.weights(), self.dx, strict=True) if dx is not None)


@rule(Combine, "sub")
class Subtract(Weighted):
    """y = a - b - …; da = dy, the others' -dy."""

    function = np.subtract

    def weights(self) -> tuple[float, ...]:
        return (1, *[-1] * (len(self.x) - 1))


@rule(Combine, "average")
class Mean(Weighted):
    """y = (a + b + …) / n; each input's gradient is dy / n."""

    function = np.add

    def weights(self) -> tuple[float, ...]:
        return (1 / len(self.x),) * len(self.x)

    def forward(self) -> None:
        super().forward()
        self.y.array /= len(self.x)


@rule(Combine, "maximum")
class Maximum(Rule[Combine]):
    """y = the largest of a, b …; dy goes to the first that is."""

    places: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        ask, shape = self.workspace, self.y.shape
        self.larger = ask.forward_scratch(shape, np.bool_)
        self.winner = None
        if backward:
            self.winner = ask.kept(shape, np.uint8 if len(self.x) <= 256 else np.int32)
            self.won, self.part = ask.backward_scratch(shape, np.bool_), ask.backward_scratch(shape)

    def forward(self) -> None:
        first, *others = (buffer.array for buffer in self.x)
        y, winner = self.y.array, self.winner
        if winner:
            winner.array.fill(0)
        np.copyto(y, first)
        for number, other in enumerate(others, start=1):
            if winner:
                np.copyto(winner.array, number, where=np.greater(other, y, out=self.larger.array))
            np.maximum(y, other, out=y)

    def backward(self) -> None:
        assert self.winner is not None, "prepared for it"
        for number, dx in enumerate(self.dx):
            if dx is not None:
                np.equal(self.winner.array, number, out=self.won.array)
                np.multiply(self.dy.array, self.won.array, out=self.part.array)
                add_up(self.part.array, dx.shape, dx.array)


@rule(Combine, "mul")
class Multiply(Join):
    """y = a b …; da = dy b …, summed over the axes along which a was broadcast."""

    function = np.multiply
    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        if backward:
            self.product = self.workspace.backward_scratch(self.y.shape)

    def backward(self) -> None:
        product = self.product.array
        for i, dx in enumerate(self.dx):
            if dx is not None:
                np.copyto(product, self.dy.array)
                for other in self.x[:i] + self.x[i + 1 :]:
                    np.multiply(product, other.array, out=product)
                add_up(product, dx.shape, dx.array)
