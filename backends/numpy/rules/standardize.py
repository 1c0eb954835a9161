"""Normalization of each example by itself."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.primitives import Standardize

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array, Buffer


@rule(Standardize)
class Standardized(Rule[Standardize]):
    """y = (x - mean) / sqrt(variance + eps); dx = (dy - mean of dy - y mean of dy y) / sqrt(variance + eps).

    The means are those of a group of channels, at one position or over all: arrays are looked at as
    (examples, positions, groups, channels of one) and averaged over the last axis and, if spatial, the second.
    """

    reads_output: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        examples, *positions, depth = self.y.shape
        p = self.primitive
        self.shape = (examples, prod(positions), p.groups, depth // p.groups)
        ask = self.workspace.kept if backward else self.workspace.forward_scratch
        self.inverse = ask((examples, 1 if p.spatial else self.shape[1], p.groups, 1))
        self.pieces = tuple(channels.pieces(examples, prod(self.shape[1:]) * self.y.dtype.itemsize))
        most = max((part.stop - part.start for part in self.pieces), default=0)
        self.squares = self.workspace.forward_scratch((most, *self.shape[1:]))
        self.tilt = self.workspace.backward_scratch((most, *self.shape[1:])) if backward else self.squares

    def part(self, buffer: Buffer, piece: slice) -> Array:
        return buffer.array.reshape(self.shape)[piece]

    def mean(self, array: Array) -> Array:
        """Means of the groups, added up in float64; over the positions first, along which that is fast."""
        wide: Array = array.mean(axis=1, keepdims=True, dtype=np.float64) if self.primitive.spatial else array
        means: Array = wide.mean(axis=3, keepdims=True, dtype=np.float64)
        return means.astype(array.dtype)

    def forward(self) -> None:
        for piece in self.pieces:
            x, y = self.part(self.x[0], piece), self.part(self.y, piece)
            inverse = self.inverse.array[piece]
            np.subtract(x, self.mean(x), out=y)
            squares = np.multiply(y, y, out=self.squares.array[: len(y)])
            np.sqrt(self.mean(squares) + self.primitive.eps, out=inverse)
            np.reciprocal(inverse, out=inverse)
            y *= inverse

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        for piece in self.pieces:
            y, dy, dx = (self.part(buffer, piece) for buffer in (self.y, self.dy, self.dx[0]))
            level, tilt = self.mean(dy), np.multiply(dy, y, out=self.tilt.array[: len(y)])
            np.multiply(y, self.mean(tilt), out=tilt)
            np.subtract(dy, level, out=dx)
            dx -= tilt
            dx *= self.inverse.array[piece]
