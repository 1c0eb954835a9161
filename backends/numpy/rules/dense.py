"""The fully connected map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import numpy as np

from cnndsl.program import Dense

from ..calls import Call, run
from ..finish import Finish
from .base import Rule, rule


@rule(Dense)
class Linear(Rule[Dense]):
    """y = x W^T + b; dW = dy^T x, db = the sum of dy over the batch, dx = dy W."""

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        p = self.primitive
        self.weight = self.workspace.parameter(p.weight)
        self.finishing = Finish(self, p.bias)
        self.dweight = self.workspace.gradient(p.weight) if backward else None
        self.dbias = self.workspace.gradient(p.bias) if backward else None

    def calls(self) -> Iterator[Call]:
        yield partial(np.matmul, self.x[0].array, self.weight.T, out=self.y.array)
        yield from self.finishing(slice(None))

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
