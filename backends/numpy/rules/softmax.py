"""Softmax and its logarithm, over the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.primitives import LogSoftmax
from cnndsl.program import Softmax

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
