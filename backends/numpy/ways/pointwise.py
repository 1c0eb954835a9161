"""Convolution with a kernel of one cell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from .. import channels
from ..finish import EVERY
from ..parts import even
from .base import PRODUCT, Way, products

if TYPE_CHECKING:
    from ..calls import Call
    from ..rules.convolution import Convolution

FEW = 128  # positions: of fewer, threads share the filters


class Pointwise(Way):
    """A kernel of one cell is a matrix product over the channels, and needs no columns."""

    @classmethod
    def suits(cls, step: Convolution) -> bool:
        return step.primitive.groups == 1 and all(axis.plain for axis in step.axes)

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        return products(step) * PRODUCT * (3 if backward else 1)

    def __init__(self, step: Convolution, backward: bool) -> None:
        super().__init__(step, backward)
        self.positions = prod(step.y.shape[:-1])
        self.matrix = step.weight.reshape(step.weight.shape[0], -1)

    def calls(self, seat: int) -> Iterator[Call]:
        step = self.step
        x, y = (buffer.array.reshape(self.positions, -1) for buffer in (step.x[0], step.y))
        if self.seats > 1 and self.positions < FEW:
            filters = channels.share(y.shape[1], seat, self.seats)
            yield partial(np.matmul, x, self.matrix[filters].T, out=y[:, filters])
            yield from step.finishing(EVERY, filters)
            return
        budget = even(x.nbytes + y.nbytes, 4 * channels.CACHE, self.seats)
        pieces = channels.pieces(self.positions, (x.shape[1] + y.shape[1]) * x.itemsize, budget)
        for part in self.mine(tuple(pieces), seat):
            yield partial(np.matmul, x[part], self.matrix.T, out=y[part])
            yield from step.finishing(part)

    def backward(self) -> None:
        step = self.step
        x, dy = (buffer.array.reshape(self.positions, -1) for buffer in (step.x[0], step.dy))
        if step.dweight:
            np.matmul(dy.T, x, out=step.dweight.array.reshape(self.matrix.shape))
        if step.dx[0]:
            np.matmul(dy, self.matrix, out=step.dx[0].array.reshape(x.shape))
