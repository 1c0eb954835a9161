"""Softmax and the losses. A loss is a number for each example; the engine takes the mean over the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.primitives import LogSoftmax
from cnndsl.program import CrossEntropy, Softmax, SquaredError

from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


def softmax(x: Array, y: Array) -> None:
    """exp(x) / sum exp(x) over the last axis; shifted by the maximum, which changes nothing but overflow."""
    np.subtract(x, x.max(axis=-1, keepdims=True), out=y)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)


@rule(Softmax)
class Normalized(Rule[Softmax]):
    """y = softmax(x); dx = y (dy - sum of dy y over the channels)."""

    reads_output: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def forward(self) -> None:
        softmax(self.x[0].array, self.y.array)

    def backward(self) -> None:
        dx, dy, y = self.dx[0], self.dy.array, self.y.array
        assert dx is not None, "it has no parameters"
        inner = np.einsum("...c,...c->...", dy, y)[..., None]
        np.subtract(dy, inner, out=dx.array)
        dx.array *= y


@rule(LogSoftmax)
class LogNormalized(Rule[LogSoftmax]):
    """y = x - logsumexp(x); dx = dy - exp(y) times the sum of dy over the channels."""

    reads_output: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        self.powers = self.workspace.forward_scratch(self.y.shape)
        if backward:
            self.shares = self.workspace.backward_scratch(self.y.shape)

    def forward(self) -> None:
        x, y = self.x[0].array, self.y.array
        np.subtract(x, x.max(axis=-1, keepdims=True), out=y)
        y -= np.log(np.exp(y, out=self.powers.array).sum(axis=-1, keepdims=True))

    def backward(self) -> None:
        dx, dy, shares = self.dx[0], self.dy.array, self.shares.array
        assert dx is not None, "it has no parameters"
        np.exp(self.y.array, out=shares)
        shares *= dy.sum(axis=-1, keepdims=True)
        np.subtract(dy, shares, out=dx.array)


@rule(CrossEntropy)
class Surprise(Rule[CrossEntropy]):
    """y = mean over positions of logsumexp(z) - z[label]; dz = (softmax(z) - [c = label]) dy / positions."""

    reads_inputs: ClassVar[bool] = True
    whole: ClassVar[tuple[int, ...]] = (1,)

    def prepare(self, backward: bool) -> None:
        ask = self.workspace.kept if backward else self.workspace.forward_scratch
        self.shares = ask(self.x[0].shape)

    def forward(self) -> None:
        z, labels = self.x[0].array, self.x[1].array
        shares = self.shares.array
        top = z.max(axis=-1)
        np.subtract(z, top[..., None], out=shares)
        hit = np.take_along_axis(shares, labels[..., None], axis=-1)[..., 0]
        np.exp(shares, out=shares)
        total = shares.sum(axis=-1)
        shares /= total[..., None]
        losses = np.log(total, out=total) - hit
        np.mean(losses.reshape(len(z), -1), axis=1, out=self.y.array)

    def backward(self) -> None:
        dz, labels = self.dx[0], self.x[1].array
        assert dz is not None, "labels have no gradient"
        np.copyto(dz.array, self.shares.array)
        flat = dz.array.reshape(-1, dz.shape[-1])
        flat[np.arange(len(flat)), labels.reshape(-1)] -= 1
        positions = max(labels.size // len(labels), 1)
        dz.array *= (self.dy.array / positions).reshape(-1, *[1] * (len(dz.shape) - 1))


@rule(SquaredError)
class Squared(Rule[SquaredError]):
    """y = mean of (x - t)^2 over the elements; dx = 2 (x - t) dy / elements, dt = -dx."""

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        self.difference = self.workspace.forward_scratch(self.x[0].shape)

    def forward(self) -> None:
        d = np.subtract(self.x[0].array, self.x[1].array, out=self.difference.array).reshape(len(self.y.array), -1)
        np.einsum("ne,ne->n", d, d, out=self.y.array)
        self.y.array /= d.shape[1]

    def backward(self) -> None:
        x, target = self.x[0].array, self.x[1].array
        scale = (self.dy.array * (2 / (x.size // len(x)))).reshape(-1, *[1] * (x.ndim - 1))
        for dx, sign in zip(self.dx, (1, -1)):
            if dx is not None:
                np.subtract(x, target, out=dx.array)
                dx.array *= sign * scale
