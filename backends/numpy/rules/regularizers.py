"""What is drawn at random while training and otherwise changes nothing."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, TypeVar

import numpy as np

from cnndsl import random
from cnndsl.needs import Place
from cnndsl.primitives import Noise
from cnndsl.program import Dropout

from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array

P = TypeVar("P", bound=Dropout | Noise)


class Regularizer(Rule[P]):
    """y = x, except while training."""

    places: ClassVar[Place] = Place.OVER

    def forward(self) -> None:
        x, y = self.x[0], self.y
        if self.workspace.training:
            self.disturb(x.array, y.array)
        elif y.root is not x.root:
            np.copyto(y.array, x.array)

    def disturb(self, x: Array, y: Array) -> None:
        """Writes y, the training's."""
        raise NotImplementedError


@rule(Dropout)
class Drop(Regularizer[Dropout]):
    """Training: y = x m / (1 - rate) with the mask m of `cnndsl.random`; dx = dy m / (1 - rate)."""

    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        if self.workspace.training:
            ask = self.workspace.kept if backward else self.workspace.forward_scratch
            self.mask = ask(self.cells(), np.bool_)

    def cells(self) -> tuple[int, ...]:
        """The shape of the mask, with extents of 1 where cells are dropped together."""
        examples, *positions, depth = self.y.shape
        ones = [1] * len(positions)
        match self.primitive.whole:
            case "channel":
                return (examples, *ones, depth)
            case "example":
                return (examples, *ones, 1)
        return self.y.shape

    def disturb(self, x: Array, y: Array) -> None:
        key = random.dropout_key(self.workspace.state.seed, self.primitive.stream)
        mask, first = self.mask.array, self.workspace.share.examples.start
        random.kept(key, self.workspace.state.step, self.primitive.rate, mask, first * prod(mask.shape[1:]))
        self.scale(x, y)

    def backward(self) -> None:
        dx = self.dx[0]
        assert dx is not None, "it has no parameters"
        self.scale(self.dy.array, dx.array)

    def scale(self, source: Array, target: Array) -> None:
        np.multiply(source, self.mask.array, out=target)
        target *= 1 / (1 - self.primitive.rate)


@rule(Noise)
class Disturbed(Regularizer[Noise]):
    """Training: y = x + std z with the normals z of `cnndsl.random`; dx = dy."""

    places_gradient: ClassVar[Place] = Place.SAME

    def prepare(self, backward: bool) -> None:
        if self.workspace.training:
            self.normals = self.workspace.forward_scratch(self.y.shape)

    def disturb(self, x: Array, y: Array) -> None:
        z, state = self.normals.array, self.workspace.state
        first = self.workspace.share.examples.start * prod(z.shape[1:])
        random.noise(random.noise_key(state.seed, self.primitive.stream), state.step, z, first)
        z *= self.primitive.std
        np.add(x, z, out=y)

    def backward(self) -> None:
        dx = self.dx[0]
        if dx is not None:  # the input has other uses, so this is a part of its gradient
            np.copyto(dx.array, self.dy.array)
