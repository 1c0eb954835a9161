"""Depthwise convolution: every channel by itself, so sums over windows instead of matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from ..axes import Axis
from ..calls import run
from ..sweep import Sweep
from .base import Way, products

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array
    from ..rules.convolution import Convolution

WIDE = 1024  # numbers of a row's outputs that are summed side by side: NumPy's loops run along them
NARROW = 256  # for the weights' gradient, which is added up over rows


class Phase:
    """Every stride-th input along each axis: what its gradient sees is a convolution of dy with some of the cells."""

    def __init__(self, axes: tuple[Axis, ...], first: tuple[int, ...]) -> None:
        found = [_seen(axis, start) for axis, start in zip(axes, first)]
        self.axes = tuple(axis for axis, _ in found)
        self.picks = np.ix_(*(cells for _, cells in found))
        self.place = (slice(None), *(slice(start, None, axis.stride) for axis, start in zip(axes, first)))
        self.exists = all(axis.outputs for axis in self.axes)
        self.seen = all(axis.kernel for axis in self.axes)


class Depthwise(Way):
    """groups = channels; output channel c*m + q is input channel c with its filter number q of m."""

    def __init__(self, step: Convolution, backward: bool) -> None:
        super().__init__(step, backward)
        self.depth, self.rank = step.x[0].shape[-1], len(step.axes)
        self.many = step.weight.shape[0] // self.depth
        images, size = step.y.shape[0], step.weight.itemsize
        self.ahead = Sweep(step.axes, images, self.depth, size, self.seats)
        self.together = self.ahead.divisor(WIDE) if self.many == 1 else 1
        shape = (*step.weight.shape[1:-1], self.together, step.weight.shape[0])
        self.spread_weights = step.workspace.constant(
            f"{step.primitive.weight} by cells", shape, partial(_by_cells, step.weight)
        )
        self.rooms_forward = self.rooms(self.ahead.framed)
        if backward:
            strides = product(*(range(axis.stride) for axis in step.axes))
            phases = [Phase(step.axes, first) for first in strides] if step.dx[0] else []
            self.phases = [phase for phase in phases if phase.exists and phase.seen]
            self.cleared = not all(phase.seen for phase in phases)
            self.back = [Sweep(phase.axes, images, self.depth * self.many, size) for phase in self.phases]
            most = max(sweep.framed for sweep in (self.ahead, *self.back))
            self.room_backward = step.workspace.backward_scratch((most,))
        # positions, cells of the kernel, channels and filters of a channel, for einsum
        self.n, self.f, self.c = "abcd"[: self.rank + 1], "uvw"[: self.rank], "z" if self.many == 1 else "zq"

    @classmethod
    def suits(cls, step: Convolution) -> bool:
        return step.weight.shape[-1] == 1 and step.primitive.groups > 1

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        return products(step) * 0.3 * (3 if backward else 1)

    def apart(self, array: Array) -> Array:
        """The filters of each channel on an axis of their own, if there are several."""
        return array if self.many == 1 else array.reshape(*array.shape[:-1], self.depth, self.many)

    def weights(self) -> Array:
        """(*kernel, C) or (*kernel, C, filters of a channel)."""
        return self.apart(np.ascontiguousarray(np.moveaxis(self.step.weight[..., 0], 0, -1)))

    def calls(self, seat: int) -> Iterator[Call]:
        step, sweep, together = self.step, self.ahead, self.together
        kernel = (axis.kernel for axis in sweep.axes)
        weights, (room,) = self.spread_weights().reshape(*kernel, -1), self.rooms_forward[seat]
        for part, seen, pads in self.mine(sweep.looks(step.x[0], room, together), seat):
            y = self.apart(sweep.outputs(step.y.array, part, together))
            sums = f"{self.n}{self.f}z,{self.f}{self.c}->{self.n}{self.c}"
            yield from pads
            yield partial(np.einsum, sums, seen, self.apart(weights), out=y)
            yield from step.finishing(sweep.positions(part))

    def backward(self) -> None:
        if self.step.dweight:
            self.weigh(self.step.dweight.array)
        if self.step.dx[0]:
            self.spread(self.step.dx[0].array)

    def weigh(self, dweight: Array) -> None:
        """dw[f, c] = sum over n, o of dy[n, o, c] x[n, o S + f D - P, c]."""
        step, sweep = self.step, self.ahead
        together = sweep.divisor(NARROW) if self.many == 1 else 1
        total = np.zeros((*(axis.kernel for axis in sweep.axes), self.depth * self.many))
        for part, seen, pads in sweep.looks(step.x[0], self.room_backward, together):
            run(pads)
            dy = self.apart(sweep.outputs(step.dy.array, part, together))
            found = np.einsum(f"{self.n}{self.f}z,{self.n}{self.c}->{self.f}{self.c}", seen, dy)
            total += found.reshape(*total.shape[:-1], together, -1).sum(axis=-2, dtype=np.float64)
        dweight[..., 0] = np.moveaxis(total, -1, 0)

    def spread(self, dx: Array) -> None:
        """dx, one phase of the strides at a time."""
        if self.cleared:
            dx.fill(0)
        weights = self.weights()
        for phase, sweep in zip(self.phases, self.back):
            target, some = dx[phase.place], weights[phase.picks]
            together = sweep.divisor(WIDE) if self.many == 1 and target.flags.c_contiguous else 1
            if together > 1:
                wide = np.empty((*some.shape[:-1], together, self.depth), some.dtype)
                np.copyto(wide, some[..., None, :])
                some = wide.reshape(*some.shape[:-1], -1)
            for part, seen, pads in sweep.looks(self.step.dy, self.room_backward, together):
                run(pads)
                out = sweep.outputs(target, part, together)
                np.einsum(f"{self.n}{self.f}{self.c},{self.f}{self.c}->{self.n}z", self.apart(seen), some, out=out)


def _by_cells(weight: Array, out: Array) -> None:
    """Writes the weights as the run forward reads them, (*kernel, times that they are repeated, filters)."""
    np.copyto(out, np.moveaxis(weight[..., 0], 0, -1)[..., None, :])


def _seen(axis: Axis, start: int) -> tuple[Axis, list[int]]:
    """What every stride-th input from `start` on sees of the outputs, and through which cells of the kernel.

    Input i sees output (i + P - f D) / S through cell f where that is whole; from the last such cell to the first
    the outputs rise.
    """
    cells = [f for f in range(axis.kernel) if (start + axis.low - f * axis.dilation) % axis.stride == 0][::-1]
    apart = axis.dilation // gcd(axis.dilation, axis.stride)
    low = -(start + axis.low - cells[0] * axis.dilation) // axis.stride if cells else 0
    inputs = len(range(start, axis.extent, axis.stride))
    return Axis(axis.outputs, inputs, len(cells), 1, apart, low), cells
