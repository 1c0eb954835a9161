"""The fully connected map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import numpy as np

from cnndsl.program import Dense

from .. import channels
from ..calls import Call, run
from ..finish import EVERY, Finish
from .base import Rule, rule

SHARED = 1 << 18  # weights that several threads share: each reads those of some filters


@rule(Dense)
class Linear(Rule[Dense]):
    """y = x W^T + b; dW = dy^T x, db = the sum of dy over the batch, dx = dy W."""

    reads_inputs: ClassVar[bool] = True
    has_tail: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        p = self.primitive
        self.weight = self.workspace.parameter(p.weight)
        self.finishing = Finish(self, p.bias)
        self.seats = self.workspace.seats if self.weight.size >= SHARED else 1
        self.dweight = self.workspace.gradient(p.weight) if backward else None
        self.dbias = self.workspace.gradient(p.bias) if backward else None

    def calls(self, seat: int = 0) -> Iterator[Call]:
        x, y = self.x[0].array, self.y.array
        if seat < self.seats:
            filters = channels.share(y.shape[-1], seat, self.seats) if self.seats > 1 else EVERY
            yield partial(np.matmul, x, self.weight[filters].T, out=y[:, filters])
            yield from self.finishing(EVERY, filters)

    def forward(self) -> None:
        run(self.calls())

    def backward(self) -> None:
        dy = self.dy.array
        if self.dweight:
            np.matmul(dy.T, self.x[0].array, out=self.dweight.array)
        if self.dbias:
            np.add.reduce(dy, axis=0, out=self.dbias.array)
        if self.dx[0]:
            np.matmul(dy, self.weight, out=self.dx[0].array)
