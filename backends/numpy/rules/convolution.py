"""Convolution; the ways to compute it are in `ways`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from cnndsl.program import Convolve

from .. import channels
from ..axes import Axis, axes
from ..calls import Call, run
from ..connections import Connections
from ..finish import Finish
from ..ways import choose
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Buffer


@rule(Convolve)
class Convolution(Rule[Convolve]):
    """y[n, o, k] = b[k] + sum over f, c of x[n, o*S + f*D - P, c] w[k, f, c].

    dw[k, f, c] = sum over n, o of dy[n, o, k] x[n, o*S + f*D - P, c]; db[k] = sum over n, o of dy;
    dx[n, i, c] = sum over f, k, and the o that see i through f, of dy[n, o, k] w[k, f, c].
    """

    reads_inputs: ClassVar[bool] = True
    has_tail: ClassVar[bool] = True

    axes: tuple[Axis, ...]
    dweight: Buffer | None
    dbias: Buffer | None

    def prepare(self, backward: bool) -> None:
        p, x, y = self.primitive, self.x[0].shape, self.y.shape
        self.weight = self.workspace.parameter(p.weight)
        self.finishing = Finish(self, p.bias)
        self.dweight = self.workspace.gradient(p.weight) if backward else None
        self.dbias = self.workspace.gradient(p.bias) if backward else None
        self.connections = Connections(p.connect, self.weight, x[-1]) if p.connect else None
        if self.connections:
            self.weight, self.dkernels = self.connections.weight, self.dweight
            self.dweight = self.workspace.backward_scratch(self.weight.shape) if self.dkernels else None
        self.axes = axes(x[1:-1], y[1:-1], self.weight.shape[1:-1], p.stride, p.dilation, p.pads)
        self.way = choose(self, backward)

    def before(self) -> Iterator[Call]:
        if self.connections:
            yield self.connections.spread
        yield from self.way.before()

    def calls(self, seat: int = 0) -> Iterator[Call]:
        if seat < self.way.seats:
            yield from self.way.calls(seat)

    def forward(self) -> None:
        run(self.before())
        run(self.calls())

    def backward(self) -> None:
        self.way.backward()
        if self.connections and self.dweight and self.dkernels:
            self.connections.collect(self.dweight, self.dkernels)
        if self.dbias:
            self.dbias.array[...] = channels.total(self.dy.array, self.y.shape[-1])
