"""Transposed convolution: what a convolution does to gradients, forward."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.primitives import ConvolveTransposed

from .. import channels
from ..axes import axes
from ..window import cells
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


@rule(ConvolveTransposed)
class Transposed(Rule[ConvolveTransposed]):
    """y[n, i*S + f*D - P, k] = b[k] + sum over i, f, c of x[n, i, c] w[k, f, c].

    dx[n, i, c] = sum over f, k of dy[n, i*S + f*D - P, k] w[k, f, c]; db[k] = sum over n, o of dy;
    dw[k, f, c] = sum over n, i of dy[n, i*S + f*D - P, k] x[n, i, c].

    The axes are those of the convolution from y to x: its outputs are the positions of x. For each
    cell of the kernel one matrix product over the channels; the groups come first, (G, positions, C/G).
    """

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        p, ask, x, y = self.primitive, self.workspace, self.x[0].shape, self.y.shape
        self.groups = p.groups
        weight = ask.parameter(p.weight)
        self.weight = self.apart(weight)
        self.bias = ask.parameter(p.bias) if p.bias else None
        self.dweight = ask.gradient(p.weight) if backward else None
        self.dbias = ask.gradient(p.bias) if backward else None
        self.cells = tuple(cells(axes(y[1:-1], x[1:-1], weight.shape[1:-1], p.stride, p.dilation, p.pads)))
        each = prod(x[1:-1]) * max(x[-1], y[-1]) * self.y.dtype.itemsize
        self.pieces = tuple(channels.pieces(x[0], each))
        images = max((part.stop - part.start for part in self.pieces), default=0)
        seen, moved = (images, *x[1:-1], y[-1]), (images, *x[1:])
        self.given = ask.forward_scratch(seen)
        if backward:
            self.seen, self.moved = ask.backward_scratch(seen), ask.backward_scratch(moved)

    def apart(self, weight: Array) -> Array:
        """(K, *kernel, C/G) as (G, K/G, cells, C/G)."""
        return weight.reshape(self.groups, weight.shape[0] // self.groups, -1, weight.shape[-1])

    def grouped(self, array: Array) -> Array:
        """(n, *positions, C) as (G, positions, C/G)."""
        return array.reshape(-1, self.groups, array.shape[-1] // self.groups).transpose(1, 0, 2)

    def multiply(self, one: Array, other: Array, out: Array) -> Array:
        """The matrix product of the grouped arrays; an outer one (depthwise) needs no sums."""
        (np.multiply if other.shape[1] == 1 else np.matmul)(self.grouped(one), other, out=self.grouped(out))
        return out

    def forward(self) -> None:
        for part in self.pieces:
            x, y = self.x[0].array[part], self.y.array[part]
            given = self.given.array[: len(x)]
            y[...] = 0 if self.bias is None else self.bias
            for cell in self.cells:
                self.multiply(x, self.weight[:, :, cell.number].transpose(0, 2, 1), given)
                target = y[cell.inputs]
                np.add(target, given[cell.outputs], out=target)

    def backward(self) -> None:
        dweight = self.apart(self.dweight.array) if self.dweight else None
        if dweight is not None:
            dweight.fill(0)
        for part in self.pieces:
            self.spread(part, dweight)
        if self.dbias:
            self.dbias.array[...] = channels.total(self.dy.array, self.y.shape[-1])

    def spread(self, part: slice, dweight: Array | None) -> None:
        """The gradients from some images."""
        x, dy = self.x[0].array[part], self.dy.array[part]
        dx = self.dx[0].array[part] if self.dx[0] else None
        seen, moved = self.seen.array[: len(x)], self.moved.array[: len(x)]
        if dx is not None:
            dx.fill(0)
        for cell in self.cells:
            if not cell.full:
                seen.fill(0)
            seen[cell.outputs] = dy[cell.inputs]
            if dweight is not None:
                dweight[:, :, cell.number] += np.matmul(self.grouped(seen).transpose(0, 2, 1), self.grouped(x))
            if dx is not None:
                np.add(dx, self.multiply(seen, self.weight[:, :, cell.number], moved), out=dx)
