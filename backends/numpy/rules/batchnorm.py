"""Normalization over the batch, with the straight lines that follow it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import BatchNorm

from ..rows import Rows
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array
    from .rectifiers import Rectifier

FAR = 16  # times the variance that the square of a mean may be


@rule(BatchNorm)
class Batch(Rule[BatchNorm]):
    """y = f u + o with u = (x - mean) / sqrt(variance + eps); M values of each channel in the whole batch.

    df = sum of dy u, do = sum of dy. With the batch's own mean and variance
    dx = f / sqrt(variance + eps) (dy - do / M - u df / M), with running ones without the last two terms.
    What is done to a piece of an array is done while it is in the cache, relu and its gradient, too.
    """

    reads_inputs: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    after: Rectifier | None = None  # what is done to y, and to dy before it is read, both in place

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
        self.rows = rows = Rows(prod(self.y.shape[:-1]), self.depth, self.y.dtype)
        self.room_forward = ask.forward_scratch((rows.largest,))
        self.wide_forward = ask.forward_scratch((3, rows.width))
        if backward:
            self.room_backward = ask.backward_scratch((rows.largest,))
            self.wide_backward = ask.backward_scratch((4, rows.width))
            kinds = self.after.works_in if self.after else ()
            self.works = [ask.backward_scratch((rows.largest,), kind) for kind in kinds]

    def forward(self) -> None:
        x = self.rows.of(self.x[0])
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
        self.line(x, mean, slope, level)

    def line(self, x: list[Array], mean: Array, slope: Array, level: Array) -> None:
        """y = slope x + level; where that would lose digits, slope (x - mean) + (level + slope mean)."""
        wide, repeat = self.wide_forward.array, self.rows.repeat
        scale, shift = repeat(slope, wide[0]), repeat(level + slope * mean if self.far else level, wide[1])
        centre = repeat(mean, wide[2]) if self.far else None
        for seen, y in zip(x, self.rows.of(self.y)):
            length = y.shape[1]
            if centre is not None:
                np.subtract(seen, centre[:length], out=y)
            np.multiply(seen if centre is None else y, scale[:length], out=y)
            np.add(y, shift[:length], out=y)
            if self.after:
                self.after.apply(y, y)

    def moments(self, x: list[Array]) -> tuple[Array, Array]:
        """Mean and biased variance of each channel, in float64 sums over pieces.

        In one pass, as the mean of squares less the square of the mean; in two where the mean is so large that it
        would lose digits.
        """
        sums, room = np.zeros((2, self.depth)), self.wide_forward.array.reshape(-1)
        for seen in x:
            sums += self.rows.sums(seen, room)
        mean, squares = self.workspace.share.total(sums) / self.count
        variance = np.maximum(squares - mean**2, 0)
        self.far = bool((mean**2 > FAR * variance).any())
        return mean, self.spread(x, mean) if self.far else variance

    def spread(self, x: list[Array], mean: Array) -> Array:
        """The mean of (x - mean)^2."""
        room = self.wide_forward.array
        centre, squares = self.rows.repeat(mean, room[2]), np.zeros(self.depth)
        for seen, centred in zip(x, self.rows.rooms(self.room_forward)):
            np.subtract(seen, centre[: seen.shape[1]], out=centred)
            squares += self.rows.sums(centred, room.reshape(-1))[1]
        found: Array = self.workspace.share.total(squares) / self.count
        return found

    def update(self, mean: Array, variance: Array) -> None:
        """Running statistics; a single value has no unbiased variance, so its biased one (0) is taken."""
        momentum, unbiased = self.primitive.momentum, variance * (self.count / max(self.count - 1, 1))
        for running, new in ((self.mean, mean), (self.variance, unbiased)):
            running *= 1 - momentum
            running += momentum * new

    def backward(self) -> None:
        mean, inverse = self.used
        doffset, dfactor = sums = self.compare(mean)
        if not self.far:
            dfactor -= mean * doffset
        dfactor *= inverse
        if self.dfactor:
            self.dfactor.array[...] = dfactor
        if self.doffset:
            self.doffset.array[...] = doffset
        if self.own:
            doffset, dfactor = self.workspace.share.total(sums)
        if self.dx[0]:
            self.write(self.rows.of(self.dx[0]), dfactor, doffset)

    def compare(self, mean: Array) -> Array:
        """The sums of dy and of dy x, or dy (x - mean); dy goes through what follows, in place."""
        rows, wide = self.rows, self.wide_backward.array
        sums, room = np.zeros((2, self.depth)), wide.reshape(-1)
        centre = rows.repeat(mean, wide[3]) if self.far else None
        works = [rows.rooms(room) for room in self.works]
        pieces = zip(rows.of(self.x[0]), rows.of(self.y), rows.of(self.dy), rows.rooms(self.room_backward), *works)
        for seen, y, dy, centred, *work in pieces:
            if self.after:
                self.after.pull(y, dy, dy, *work)
            if centre is not None:
                seen = np.subtract(seen, centre[: seen.shape[1]], out=centred)
            sums += rows.sums(dy, room, seen)
        return sums

    def write(self, dx: list[Array], dfactor: Array, doffset: Array) -> None:
        """dx = slope dy + tilt (x - mean) - slope doffset / M with tilt = -slope inverse dfactor / M."""
        mean, inverse = self.used
        slope = inverse if self.factor is None else inverse * self.factor
        tilt, level = -slope * inverse * dfactor / self.count, -slope * doffset / self.count
        wide, rows = self.wide_backward.array, self.rows
        scale, tilts = rows.repeat(slope, wide[0]), rows.repeat(tilt, wide[1])
        shift = rows.repeat(level if self.far else level - tilt * mean, wide[2])
        centre = rows.repeat(mean, wide[3]) if self.far else None
        for x, dy, out, slanted in zip(rows.of(self.x[0]), rows.of(self.dy), dx, rows.rooms(self.room_backward)):
            length = x.shape[1]
            if self.own:
                if centre is not None:
                    np.subtract(x, centre[:length], out=slanted)
                np.multiply(x if centre is None else slanted, tilts[:length], out=slanted)
                np.add(slanted, shift[:length], out=slanted)
            np.multiply(dy, scale[:length], out=out)
            if self.own:
                np.add(out, slanted, out=out)
