"""Windows taken out whole, and a matrix of its own for each of them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.primitives import Patches, Positionwise

from ..axes import axes
from ..window import cells
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


@rule(Patches)
class Windows(Rule[Patches]):
    """y[o, f] = x[o*S + f*D - P], padding is `fill`; dx = the sum of dy over the windows that see x."""

    def prepare(self, backward: bool) -> None:
        p, x, y = self.primitive, self.x[0].shape, self.y.shape
        self.cells = tuple(cells(axes(x[1:-1], y[1:-2], p.kernel, p.stride, p.dilation, p.pads)))
        self.pads = len(self.cells) < prod(p.kernel) or not all(cell.full for cell in self.cells)

    def forward(self) -> None:
        x, y = self.x[0].array, self.y.array
        if self.pads:
            y.fill(self.primitive.fill)
        for cell in self.cells:
            y[..., cell.number, :][cell.outputs] = x[cell.inputs]

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        dx, dy = self.dx[0].array, self.dy.array
        dx.fill(0)
        for cell in self.cells:
            target = dx[cell.inputs]
            np.add(target, dy[..., cell.number, :][cell.outputs], out=target)


@rule(Positionwise)
class OwnMatrices(Rule[Positionwise]):
    """y[p] = W[p] x[p] + b[p]; dW[p] = dy[p] x[p]^T and db[p] = dy[p] summed over the batch, dx[p] = W[p]^T dy[p].

    Arrays have the positions first: x (P, N, J), weights (P, K, J), y (P, N, K).
    """

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        p, ask = self.primitive, self.workspace
        self.positions, self.units = prod(self.y.shape[1:-1]), self.y.shape[-1]
        self.weight = ask.parameter(p.weight).reshape(self.positions, self.units, -1)
        self.bias = ask.parameter(p.bias) if p.bias else None
        self.dweight = ask.gradient(p.weight) if backward else None
        self.dbias = ask.gradient(p.bias) if backward else None

    def apart(self, array: Array) -> Array:
        """(N, *positions, …) as (P, N, J)."""
        return array.reshape(len(array), self.positions, -1).transpose(1, 0, 2)

    def forward(self) -> None:
        np.matmul(self.apart(self.x[0].array), self.weight.transpose(0, 2, 1), out=self.apart(self.y.array))
        if self.bias is not None:
            self.y.array += self.bias

    def backward(self) -> None:
        dy = self.apart(self.dy.array)
        if self.dweight:
            total = self.dweight.array.reshape(self.weight.shape)
            np.matmul(dy.transpose(0, 2, 1), self.apart(self.x[0].array), out=total)
        if self.dbias:
            np.add.reduce(self.dy.array, axis=0, out=self.dbias.array)
        if self.dx[0]:
            np.matmul(dy, self.weight, out=self.apart(self.dx[0].array))
