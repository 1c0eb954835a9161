"""Depthwise convolution: every channel by itself, so a multiplication and an addition for each kernel cell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import channels
from ..axes import Index
from .base import Way, products

if TYPE_CHECKING:
    from ..memory import Array
    from ..rules.convolution import Convolution


class Depthwise(Way):
    """groups = channels; output channel c*m + q is input channel c with its filter number q of m."""

    @classmethod
    def suits(cls, step: Convolution) -> bool:
        return step.weight.shape[-1] == 1 and step.primitive.groups > 1

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        return products(step) * 0.5 * (3 if backward else 1)

    def __init__(self, step: Convolution, backward: bool) -> None:
        super().__init__(step, backward)
        self.many = step.weight.shape[0] // step.x[0].shape[-1]
        images = step.y.shape[0]
        self.pieces = list(channels.pieces(images, prod(step.y.shape[1:]) * step.weight.itemsize, channels.CACHE))
        most = max((part.stop - part.start for part in self.pieces), default=0)
        self.room = (most * prod(step.y.shape[1:-1]) * step.x[0].shape[-1],)
        self.scratch_forward = step.workspace.forward_scratch(self.room)
        self.scratch_backward = step.workspace.backward_scratch(self.room)

    def taps(self) -> Iterator[tuple[tuple[int, ...], Index, Index]]:
        """The kernel's cells: where in the kernel, which outputs see through it, which inputs."""
        every = slice(None)
        for taps in product(*(axis.taps for axis in self.step.axes)):
            outputs = (every, *(tap.outputs for tap in taps))
            yield tuple(tap.cell for tap in taps), outputs, (every, *(tap.inputs for tap in taps))

    def place(self, q: int, cell: tuple[int, ...]) -> tuple[Any, ...]:
        """Where in the weights the cell of every channel's filter number q is."""
        return slice(q, None, self.many), *cell, 0

    def filter(self, q: int, positions: Index) -> Index:
        """Where in the output the results of every channel's filter number q are."""
        return *positions, slice(q, None, self.many)

    def multiply(self, one: Array, other: Array, room: Array) -> Array:
        result = room[: one.size].reshape(one.shape)
        np.multiply(one, other, out=result)
        return result

    def forward(self) -> None:
        step, room = self.step, self.scratch_forward.array
        for part in self.pieces:
            x, y = step.x[0].array[part], step.y.array[part]
            y[...] = 0 if step.bias is None else step.bias
            for cell, outputs, inputs in self.taps():
                for q in range(self.many):
                    place, target = self.place(q, cell), y[self.filter(q, outputs)]
                    np.add(target, self.multiply(x[inputs], step.weight[place], room), out=target)

    def backward(self) -> None:
        step, room = self.step, self.scratch_backward.array
        depth = step.x[0].shape[-1]
        if step.dweight:
            step.dweight.array.fill(0)
        for part in self.pieces:
            x, dy = step.x[0].array[part], step.dy.array[part]
            dx = step.dx[0].array[part] if step.dx[0] else None
            if dx is not None:
                dx.fill(0)
            for cell, outputs, inputs in self.taps():
                for q in range(self.many):
                    place, seen = self.place(q, cell), dy[self.filter(q, outputs)]
                    if step.dweight:
                        step.dweight.array[place] += channels.total(self.multiply(x[inputs], seen, room), depth)
                    if dx is not None:
                        np.add(dx[inputs], self.multiply(seen, step.weight[place], room), out=dx[inputs])
