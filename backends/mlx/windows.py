"""Windows over spatial axes, as slices: what convolutions and pools share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import mlx.core as mx

from cnndsl.program import Pads

Sizes = tuple[int, ...]


def padded(x: mx.array, pads: Pads, value: float = 0.0) -> mx.array:
    """The input with its borders. Padding is always made here, never left to a convolution.

    Before 0.32.4 MLX's convolutions had wrong input gradients for asymmetric and for large padding.
    """
    if not any(low or high for low, high in pads):
        return x
    return mx.pad(x, [(0, 0), *pads, (0, 0)], constant_values=mx.array(value, x.dtype))


def positions(extent: int, kernel: int, stride: int, dilation: int) -> int:
    """How many windows fit an axis of a padded input."""
    return (extent - dilation * (kernel - 1) - 1) // stride + 1


def cells(extent: int, kernel: int, stride: int, dilation: int) -> list[slice]:
    """For each cell of the window, in order, what it reads along one axis as the window moves."""
    reach = stride * (positions(extent, kernel, stride, dilation) - 1) + 1
    return [slice(cell * dilation, cell * dilation + reach, stride) for cell in range(kernel)]


def taps(x: mx.array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Iterator[tuple[Sizes, mx.array]]:
    """Every cell of the window, in reading order, with what it reads: (N, *positions, C)."""
    axes = [cells(*axis) for axis in zip(x.shape[1:-1], kernel, stride, dilation, strict=True)]
    for cell in product(*map(range, kernel)):
        yield cell, x[(slice(None), *(axis[i] for axis, i in zip(axes, cell, strict=True)))]
