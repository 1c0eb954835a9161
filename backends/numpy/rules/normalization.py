"""Normalization over neighbouring channels."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.program import LocalResponseNorm

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


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
