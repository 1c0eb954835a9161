"""Pools. A window is taken apart, first along its rows, then down its columns, as slices.

Slices because MLX's own pooling has no dilation and no overhang, and because the gradient of
overlapping windows is a slow scatter there.
"""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import mlx.core as mx
import numpy as np

from cnndsl.program import AveragePool, GlobalAverage, MaxPool

from ..windows import Sizes, cells, padded
from .base import Array, Run, rule
from .elementwise import larger


@rule(MaxPool)
def max_pool(p: MaxPool, run: Run, x: Array) -> Array:
    """Of each row the first largest, then of the rows the first: that is the first in reading order."""
    return _reduce(p, padded(x, p.pads, -float("inf")), larger)


@rule(AveragePool, wide=True)
def average_pool(p: AveragePool, run: Run, x: Array) -> Array:
    total = _reduce(p, padded(x, p.pads), mx.add)
    counts = [
        _counted(*axis) for axis in zip(x.shape[1:-1], p.kernel, p.stride, p.dilation, p.pads, p.counted, strict=True)
    ]
    divisor = reduce(np.multiply.outer, counts)[..., None]
    return total / (float(divisor.flat[0]) if (divisor == divisor.flat[0]).all() else mx.array(divisor))


@rule(GlobalAverage, wide=True)
def global_average(p: GlobalAverage, run: Run, x: Array) -> Array:
    return x.mean(axis=tuple(range(1, x.ndim - 1)), keepdims=True)


def _reduce(p: MaxPool | AveragePool, x: Array, combine: Callable[[Array, Array], Array]) -> Array:
    """Combines the cells of each window, in order along the last spatial axis, then the one before it."""
    for axis in range(x.ndim - 2, 0, -1):
        size: Sizes = (x.shape[axis], p.kernel[axis - 1], p.stride[axis - 1], p.dilation[axis - 1])
        x = reduce(combine, [x[(*[slice(None)] * axis, cell)] for cell in cells(*size)])
    return x


def _counted(
    extent: int, kernel: int, stride: int, dilation: int, pads: tuple[int, int], counted: tuple[int, int]
) -> Any:
    """For each window along an axis, how many of its cells count: those of the input and of the counted padding."""
    low, high = pads
    padded_extent = low + extent + high
    counts = np.zeros(padded_extent, np.float32)
    counts[low - counted[0] : low + extent + counted[1]] = 1
    return np.add.reduce([counts[cell] for cell in cells(padded_extent, kernel, stride, dilation)])
