"""Convolution. A GPU has kernels for it; on the CPU each case takes the way that was measured fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import add

import mlx.core as mx
import numpy as np

from cnndsl.program import Convolve, Dense
from cnndsl.record import Record

from ..device import on_cuda
from ..windows import Sizes, padded, taps
from .base import Array, Run, rule
from .products import function


class Case(Record):
    """A convolution of an input that is padded already: what the choice of a way depends on."""

    stride: Sizes
    dilation: Sizes
    groups: int
    depth: int  # input channels of a group
    gpu: bool
    learning: bool = True  # whether gradients will be asked for
    kernel: Sizes = ()

    @property
    def rank(self) -> int:
        return len(self.stride)

    @property
    def dense(self) -> bool:
        """Whether every filter reads all cells next to each other, of all channels."""
        return self.groups == 1 and set(self.dilation) == {1}

    @property
    def pointwise(self) -> bool:
        """Whether every filter reads one cell only."""
        return self.groups == 1 and set(self.kernel) == {1}


Way = Callable[..., Array]  # (case, x, weight) -> y


@rule(Convolve, product=True)
def convolve(p: Convolve, run: Run, x: Array) -> Array:
    weight = run.parameters[p.weight]
    if p.connect:
        weight = spread(p, weight, x.shape[-1])
    case = Case(p.stride, p.dilation, p.groups, weight.shape[-1], run.gpu, run.training, weight.shape[1:-1])
    chosen = way(case)
    # Where MLX does not differentiate nothing goes wrong in its padding, and on the CPU a copy need not be made.
    pads = p.pads if not run.gpu and chosen in (native, products) else ()
    return offset(p.bias, run, chosen(case, x if pads else padded(x, p.pads), weight, *pads))


def spread(p: Convolve, weight: Array, channels: int) -> Array:
    """The kernels (connections, *kernel) as a full weight (K, *kernel, C), zero where a filter sees no channel."""
    rows = np.full((len(p.connect), channels), weight.shape[0])  # the row behind the last is zero
    numbers = iter(range(weight.shape[0]))
    for row, seen in zip(rows, p.connect, strict=True):
        row[list(seen)] = [next(numbers) for _ in seen]
    known = mx.concatenate([weight, mx.zeros_like(weight[:1])])
    return mx.moveaxis(known[mx.array(rows.astype(np.int32))], 1, -1)


@rule(Dense, product=True)
def dense(p: Dense, run: Run, x: Array) -> Array:
    return offset(p.bias, run, x @ run.parameters[p.weight].T)


def offset(bias: str | None, run: Run, y: Array) -> Array:
    """With a bias, whose gradient is a sum over all positions: in float32 therefore, whatever y is."""
    return y if bias is None else (y + run.wide[bias]).astype(y.dtype)


def way(case: Case) -> Way:
    """How to convolve: the first row that fits."""
    rows: tuple[tuple[bool, Way], ...] = (
        # MLX refuses groups in three dimensions, on every device.
        (case.gpu and case.groups > 1 and case.rank == 3, grouped),
        # On CUDA the gradient of the input is wrong for some groups of several channels, from run to run (0.32.4).
        (case.gpu and case.groups > 1 and case.depth > 1 and on_cuda(), grouped),
        (case.gpu, native),
        # MLX's CPU kernel for groups is a plain loop: 4 times slower than this in a step, and with few groups 40.
        (case.groups > 1 and case.depth == 1, depthwise),
        (case.groups > 1, grouped),
        # A product of matrices as it is. MLX's convolution copies the input for it: 1.5 times slower.
        (case.pointwise, by_cells),
        # One product of all cells, made by MLX.
        (case.dense and not case.learning, native),
        # The same, but MLX's own gradients are loops for some cases, 20 times slower.
        (case.dense, products),
        # A product for each cell: MLX's own values of dilated convolutions are 6 to 20 times slower.
        (True, frugal),
    )
    return next(found for fits, found in rows if fits)


def native(case: Case, x: Array, weight: Array, *pads: tuple[int, int]) -> Array:
    """MLX's own, of an input that is padded, or with the pads of each axis."""
    low, high = [before for before, _ in pads], [after for _, after in pads]
    padding = (low, high) if pads else 0
    return mx.conv_general(x, weight, case.stride, padding, case.dilation, groups=case.groups)


def grouped(case: Case, x: Array, weight: Array) -> Array:
    """Each group by itself."""
    one = case.replace(groups=1)
    parts = zip(mx.split(x, case.groups, axis=-1), mx.split(weight, case.groups, axis=0), strict=True)
    return mx.concatenate([way(one)(one, part, kernel) for part, kernel in parts], axis=-1)


def depthwise(case: Case, x: Array, weight: Array) -> Array:
    """One channel a group: no sums over channels, so cells are multiplied element by element."""
    filters, *kernel, _ = weight.shape
    if filters > case.groups:
        x = mx.repeat(x, filters // case.groups, axis=-1)
    return _sum(seen * weight[(slice(None), *cell, 0)] for cell, seen in _taps(case, x, kernel))


def products(case: Case, x: Array, weight: Array, *pads: tuple[int, int]) -> Array:
    """MLX's own, with gradients made of products here."""
    return function(case, pads or ((0, 0),) * case.rank)(x, weight)


def frugal(case: Case, x: Array, weight: Array) -> Array:
    """By cells, keeping none of their copies for the gradient, which would be a copy of x for each cell."""
    kept: Callable[[Array, Array], Array] = mx.checkpoint(lambda x, weight: by_cells(case, x, weight))
    return kept(x, weight)


def by_cells(case: Case, x: Array, weight: Array) -> Array:
    """The sum over the window's cells of what the cell reads times the kernel there."""
    _, *kernel, _ = weight.shape
    return _sum(seen @ weight[(slice(None), *cell)].T for cell, seen in _taps(case, x, kernel))


def _taps(case: Case, x: Array, kernel: list[int]) -> Iterator[tuple[Sizes, Array]]:
    return taps(x, tuple(kernel), case.stride, case.dilation)


def _sum(parts: Iterator[Array]) -> Array:
    return reduce(add, parts)
