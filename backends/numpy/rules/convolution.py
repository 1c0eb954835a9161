"""Convolution. Three ways to compute it, the first that suits a step is taken."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from cnndsl.program import Convolve

from .. import channels
from ..axes import Axis, axes
from ..columns import Columns
from ..connections import Connections
from ..depthwise import Depthwise
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Buffer


class Way(Protocol):
    """How a convolution is computed; the bias's gradient is not its business."""

    def forward(self) -> None: ...

    def backward(self) -> None: ...


@rule(Convolve)
class Convolution(Rule[Convolve]):
    """y[n, o, k] = b[k] + sum over f, c of x[n, o*S + f*D - P, c] w[k, f, c].

    dw[k, f, c] = sum over n, o of dy[n, o, k] x[n, o*S + f*D - P, c]; db[k] = sum over n, o of dy;
    dx[n, i, c] = sum over f, k, and the o that see i through f, of dy[n, o, k] w[k, f, c].
    """

    reads_inputs: ClassVar[bool] = True

    axes: tuple[Axis, ...]
    dweight: Buffer | None
    dbias: Buffer | None

    def prepare(self, backward: bool) -> None:
        p, x, y = self.primitive, self.x[0].shape, self.y.shape
        self.weight = self.workspace.parameter(p.weight)
        self.bias = self.workspace.parameter(p.bias) if p.bias else None
        self.dweight = self.workspace.gradient(p.weight) if backward else None
        self.dbias = self.workspace.gradient(p.bias) if backward else None
        self.connections = Connections(p.connect, self.weight, x[-1]) if p.connect else None
        if self.connections:
            self.weight, self.dkernels = self.connections.weight, self.dweight
            self.dweight = self.workspace.backward_scratch(self.weight.shape) if self.dkernels else None
        self.axes = axes(x[1:-1], y[1:-1], self.weight.shape[1:-1], p.stride, p.dilation, p.pads)
        self.way = self.choose(backward)

    def choose(self, backward: bool) -> Way:
        if self.primitive.groups == 1 and all(axis.plain for axis in self.axes):
            return Pointwise(self)
        if self.weight.shape[-1] == 1 and self.primitive.groups > 1:
            return Depthwise(self)
        return Columns(self, backward)

    def forward(self) -> None:
        if self.connections:
            self.connections.spread()
        self.way.forward()

    def backward(self) -> None:
        self.way.backward()
        if self.connections and self.dweight and self.dkernels:
            self.connections.collect(self.dweight, self.dkernels)
        if self.dbias:
            self.dbias.array[...] = channels.total(self.dy.array, self.y.shape[-1])


class Pointwise:
    """A kernel of one cell is a matrix product over the channels, and needs no columns."""

    def __init__(self, step: Convolution) -> None:
        self.step = step
        self.positions = prod(step.y.shape[:-1])
        self.matrix = step.weight.reshape(step.weight.shape[0], -1)

    def forward(self) -> None:
        step = self.step
        x, y = (buffer.array.reshape(self.positions, -1) for buffer in (step.x[0], step.y))
        bias = None if step.bias is None else channels.tile(step.bias)
        for part in channels.pieces(self.positions, (x.shape[1] + y.shape[1]) * x.itemsize, 4 * channels.CACHE):
            np.matmul(x[part], self.matrix.T, out=y[part])
            if bias is not None:
                channels.apply(np.add, y[part], bias, out=y[part])

    def backward(self) -> None:
        step = self.step
        x, dy = (buffer.array.reshape(self.positions, -1) for buffer in (step.x[0], step.dy))
        if step.dweight:
            np.matmul(dy.T, x, out=step.dweight.array.reshape(self.matrix.shape))
        if step.dx[0]:
            np.matmul(dy, self.matrix, out=step.dx[0].array.reshape(x.shape))
