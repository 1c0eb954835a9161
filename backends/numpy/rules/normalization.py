"""Normalizations: over the batch, and over neighbouring channels."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import BatchNorm, LocalResponseNorm

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array

FAR = 16  # times the variance that the square of a mean may be


@rule(BatchNorm)
class Batch(Rule[BatchNorm]):
    """y = f u + o with u = (x - mean) / sqrt(variance + eps); M values of each channel in the whole batch.

    df = sum of dy u, do = sum of dy. With the batch's own mean and variance
    dx = f / sqrt(variance + eps) (dy - do / M - u df / M), with running ones without the last two terms.
    """

    reads_inputs: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def prepare(self, backward: bool) -> None:
        p, ask = self.primitive, self.workspace
        self.factor = ask.parameter(p.factor) if p.factor else None
        self.offset = ask.parameter(p.offset) if p.offset else None
        self.mean, self.variance = ask.parameter(p.mean), ask.parameter(p.variance)
        self.dfactor = ask.gradient(p.factor) if backward else None
        self.doffset = ask.gradient(p.offset) if backward else None
        self.own = ask.training and not p.frozen
        self.depth = self.y.shape[-1]
        self.count = ask.share.batch * prod(self.y.shape[1:-1])
        self.pieces = list(channels.pieces(prod(self.y.shape[:-1]), self.depth * self.y.dtype.itemsize))
        most = max((part.stop - part.start for part in self.pieces), default=0)
        self.room_forward = ask.forward_scratch((most, self.depth))
        if backward:
            self.room_backward = ask.backward_scratch((most, self.depth))

    def wide(self, vector: Array) -> Array:
        return channels.tile(vector, self.y.dtype)

    def centred(self, x: Array, mean: Array, room: Array) -> Array:
        """x - mean, in the cache."""
        found = room[: len(x)]
        channels.apply(np.subtract, x, mean, out=found)
        return found

    def forward(self) -> None:
        x, y = (buffer.array.reshape(-1, self.depth) for buffer in (self.x[0], self.y))
        if self.own:
            mean, variance = self.moments(x)
            if self.workspace.state.updating and self.workspace.share.examples.start == 0:
                self.update(mean, variance)
        else:
            mean, variance = self.mean.astype(np.float64), self.variance.astype(np.float64)
            self.far = False
        self.used = mean, 1 / np.sqrt(variance + self.primitive.eps)
        slope = self.used[1] if self.factor is None else self.used[1] * self.factor
        level = -mean * slope if self.offset is None else self.offset - mean * slope
        self.line(x, y, mean, slope, level)

    def line(self, x: Array, y: Array, mean: Array, slope: Array, level: Array) -> None:
        """y = slope x + level; where that would lose digits, slope (x - mean) + (level + slope mean)."""
        scale, shift = self.wide(slope), self.wide(level + slope * mean if self.far else level)
        centre = self.wide(mean)
        for part in self.pieces:
            if self.far:
                channels.apply(np.subtract, x[part], centre, out=y[part])
            channels.apply(np.multiply, y[part] if self.far else x[part], scale, out=y[part])
            channels.apply(np.add, y[part], shift, out=y[part])

    def moments(self, x: Array) -> tuple[Array, Array]:
        """Mean and biased variance of each channel, in float64 sums over pieces.

        In one pass, as the mean of squares less the square of the mean; in two where the mean is so large that it
        would lose digits.
        """
        sums = np.zeros((2, self.depth))
        for part in self.pieces:
            sums += channels.total(x[part], self.depth), channels.products(x[part], x[part], self.depth)
        mean, squares = self.workspace.share.total(sums) / self.count
        variance = np.maximum(squares - mean**2, 0)
        self.far = bool((mean**2 > FAR * variance).any())
        return mean, self.spread(x, mean) if self.far else variance

    def spread(self, x: Array, mean: Array) -> Array:
        """The mean of (x - mean)^2."""
        centre, squares = self.wide(mean), np.zeros(self.depth)
        for part in self.pieces:
            centred = self.centred(x[part], centre, self.room_forward.array)
            squares += channels.products(centred, centred, self.depth)
        found: Array = self.workspace.share.total(squares) / self.count
        return found

    def update(self, mean: Array, variance: Array) -> None:
        """Running statistics; a single value has no unbiased variance, so its biased one (0) is taken."""
        momentum, unbiased = self.primitive.momentum, variance * (self.count / max(self.count - 1, 1))
        for running, new in ((self.mean, mean), (self.variance, unbiased)):
            running *= 1 - momentum
            running += momentum * new

    def backward(self) -> None:
        x, dy = (buffer.array.reshape(-1, self.depth) for buffer in (self.x[0], self.dy))
        mean, inverse = self.used
        centre, room = self.wide(mean), self.room_backward.array
        dfactor, doffset = np.zeros(self.depth), np.zeros(self.depth)
        for part in self.pieces:
            seen = self.centred(x[part], centre, room) if self.far else x[part]
            dfactor += channels.products(seen, dy[part], self.depth)
            doffset += channels.total(dy[part], self.depth)
        if not self.far:
            dfactor -= mean * doffset
        dfactor *= inverse
        if self.dfactor:
            self.dfactor.array[...] = dfactor
        if self.doffset:
            self.doffset.array[...] = doffset
        if self.own:
            dfactor, doffset = self.workspace.share.total(np.stack([dfactor, doffset]))
        if self.dx[0]:
            self.write(x, dy, self.dx[0].array.reshape(-1, self.depth), dfactor, doffset)

    def write(self, x: Array, dy: Array, dx: Array, dfactor: Array, doffset: Array) -> None:
        """dx = slope dy + tilt (x - mean) - slope doffset / M with tilt = -slope inverse dfactor / M."""
        mean, inverse = self.used
        slope = inverse if self.factor is None else inverse * self.factor
        tilt, level = -slope * inverse * dfactor / self.count, -slope * doffset / self.count
        scale, centre, tilts = self.wide(slope), self.wide(mean), self.wide(tilt)
        shift, room = self.wide(level if self.far else level - tilt * mean), self.room_backward.array
        for part in self.pieces:
            if self.own:
                seen = self.centred(x[part], centre, room) if self.far else x[part]
                slanted = room[: len(seen)]
                channels.apply(np.multiply, seen, tilts, out=slanted)
                channels.apply(np.add, slanted, shift, out=slanted)
            channels.apply(np.multiply, dy[part], scale, out=dx[part])
            if self.own:
                np.add(dx[part], slanted, out=dx[part])


@rule(LocalResponseNorm)
class AcrossChannels(Rule[LocalResponseNorm]):
    """y = x d^-b with d[i] = k + a * the sum of x[j]^2 over the channels j that i sees.

    dx[j] = dy[j] d[j]^-b - 2 a b x[j] * the sum of dy[i] x[i] d[i]^(-b-1) over the channels i that see j.
    """

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        self.depth = self.y.shape[-1]
        self.count = prod(self.y.shape[:-1])
        self.pieces = list(channels.pieces(self.count, self.depth * self.y.dtype.itemsize))
        most = max((part.stop - part.start for part in self.pieces), default=0)
        self.rooms_forward = [self.workspace.forward_scratch((most, self.depth)) for _ in range(3)]
        if backward:
            self.rooms_backward = [self.workspace.backward_scratch((most, self.depth)) for _ in range(5)]

    def around(self, source: Array, before: int, after: int, target: Array) -> None:
        """Sums over the channels from `before` below to `after` above, as far as they exist."""
        np.copyto(target, source)
        for distance in range(1, min(before, self.depth - 1) + 1):
            target[:, distance:] += source[:, :-distance]
        for distance in range(1, min(after, self.depth - 1) + 1):
            target[:, :-distance] += source[:, distance:]

    def damp(self, x: Array, rooms: list[Array]) -> tuple[Array, Array]:
        """d and d^-b; the first of three rooms is free again."""
        p, (squares, d, power) = self.primitive, rooms
        np.multiply(x, x, out=squares)
        self.around(squares, p.size // 2, (p.size - 1) // 2, d)
        d *= p.alpha
        d += p.k
        if p.beta == 0.75:  # the paper's: two square roots are several times faster than a power
            np.sqrt(d, out=power)
            np.multiply(power, np.sqrt(power, out=squares), out=power)
            np.reciprocal(power, out=power)
        else:
            np.power(d, -p.beta, out=power)
        return d, power

    def forward(self) -> None:
        x, y = (buffer.array.reshape(-1, self.depth) for buffer in (self.x[0], self.y))
        for part in self.pieces:
            rooms = [room.array[: part.stop - part.start] for room in self.rooms_forward]
            _, power = self.damp(x[part], rooms)
            np.multiply(x[part], power, out=y[part])

    def backward(self) -> None:
        dx_buffer, p = self.dx[0], self.primitive
        assert dx_buffer is not None, "it has no parameters"
        x, dy, dx = (buffer.array.reshape(-1, self.depth) for buffer in (self.x[0], self.dy, dx_buffer))
        for part in self.pieces:
            *rooms, product, sums = (room.array[: part.stop - part.start] for room in self.rooms_backward)
            d, power = self.damp(x[part], rooms)
            np.multiply(dy[part], power, out=dx[part])
            np.multiply(dx[part], x[part], out=product)
            np.divide(product, d, out=product)
            self.around(product, (p.size - 1) // 2, p.size // 2, sums)
            sums *= x[part]
            sums *= 2 * p.alpha * p.beta
            dx[part] -= sums
