"""One learned number for each channel."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, TypeVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.primitives import Affine, PRelu

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array, Buffer

P = TypeVar("P", bound=Affine | PRelu)


class PerChannel(Rule[P]):
    """Arrays are looked at as (positions, C), some positions at a time."""

    reads_inputs: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        self.depth = self.y.shape[-1]
        count = prod(self.y.shape[:-1])
        self.pieces = tuple(channels.pieces(count, self.depth * self.y.dtype.itemsize, channels.MADE))

    def part(self, buffer: Buffer, piece: slice) -> Array:
        return buffer.array.reshape(-1, self.depth)[piece]

    def total(self, array: Array) -> Array:
        return channels.total(array, self.depth)


@rule(Affine)
class Scaled(PerChannel[Affine]):
    """y = f x + o; df = sum of dy x, do = sum of dy, dx = f dy."""

    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        p, ask = self.primitive, self.workspace
        self.factor = ask.parameter(p.factor) if p.factor else None
        self.offset = ask.parameter(p.offset) if p.offset else None
        self.dfactor = ask.gradient(p.factor) if backward else None
        self.doffset = ask.gradient(p.offset) if backward else None

    def forward(self) -> None:
        self.scale(self.x[0], self.y)
        if self.offset is not None:
            offset = channels.tile(self.offset)
            for piece in self.pieces:
                y = self.part(self.y, piece)
                channels.apply(np.add, y, offset, out=y)

    def backward(self) -> None:
        if self.dfactor:
            products = (self.part(self.dy, piece) * self.part(self.x[0], piece) for piece in self.pieces)
            self.dfactor.array[...] = sum(map(self.total, products))
        if self.doffset:
            self.doffset.array[...] = self.total(self.dy.array)
        if self.dx[0]:
            self.scale(self.dy, self.dx[0])

    def scale(self, source: Buffer, target: Buffer) -> None:
        """target = f source."""
        if self.factor is not None:
            factor = channels.tile(self.factor)
            for piece in self.pieces:
                channels.apply(np.multiply, self.part(source, piece), factor, out=self.part(target, piece))
        elif source.root is not target.root:
            np.copyto(target.array, source.array)


@rule(PRelu)
class LearnedSlope(PerChannel[PRelu]):
    """y = x where x > 0, else s x; ds = sum of dy x where x <= 0; dx = dy where x > 0, else s dy."""

    def prepare(self, backward: bool) -> None:
        super().prepare(backward)
        self.slope = self.workspace.parameter(self.primitive.slope)
        self.dslope = self.workspace.gradient(self.primitive.slope) if backward else None

    def forward(self) -> None:
        slope = channels.tile(self.slope)
        for piece in self.pieces:
            x, y = self.part(self.x[0], piece), self.part(self.y, piece)
            low = np.minimum(x, 0)
            channels.apply(np.multiply, low, slope, out=low)
            np.add(np.maximum(x, 0, out=y), low, out=y)

    def backward(self) -> None:
        if self.dslope:
            products = (self.part(self.dy, piece) * np.minimum(self.part(self.x[0], piece), 0) for piece in self.pieces)
            self.dslope.array[...] = sum(map(self.total, products))
        if self.dx[0]:
            self.write(self.dx[0])

    def write(self, dx: Buffer) -> None:
        slope = channels.tile(self.slope)
        for piece in self.pieces:
            dy = self.part(self.dy, piece)
            high = dy * (self.part(self.x[0], piece) > 0)
            low = dy - high
            channels.apply(np.multiply, low, slope, out=low)
            np.add(high, low, out=self.part(dx, piece))
