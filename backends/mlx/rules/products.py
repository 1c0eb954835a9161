"""Convolution on the CPU whose gradients are products of matrices, as its values are.

MLX's own gradients are plain loops where windows move by more than one cell, and were wrong for some pads.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

import mlx.core as mx

from cnndsl.program import Pads

from ..windows import Sizes, padded, positions, taps
from .base import Array, Rule

if TYPE_CHECKING:
    from .convolution import Case

THIN = 32  # channels below which `by_kernel` has too few columns: 5x5x6 to 16, 12.7 ms against 5.5


@cache
def function(case: Case, pads: Pads) -> Rule:
    """The function of an input (N, *extents, C) and a weight (K, *kernel, C), none of whose cells are apart."""

    def forward(x: Array, weight: Array) -> Array:
        return mx.conv_general(x, weight, case.stride, ([low for low, _ in pads], [high for _, high in pads]))

    def back(primals: Any, cotangent: Array, output: Array) -> list[Array]:  # noqa: ARG001
        x, weight = primals
        if case.depth >= THIN and set(case.stride) == {1}:
            of_x = by_kernel(case, weight, cotangent, pads)
        else:
            of_x = by_cells(case, x, weight, cotangent, pads)
        return [of_x, of_weight(case, x, weight, cotangent, pads)]

    made: Any = mx.custom_function(forward)
    made.vjp(back)
    found: Rule = made
    return found


def of_weight(case: Case, x: Array, weight: Array, g: Array, pads: Pads) -> Array:
    """What every window reads times the gradient there, summed over the windows."""
    filters, *kernel, _ = weight.shape
    seen = side_by_side(padded(x, pads), tuple(kernel), case.stride)
    return (g.reshape(seen.shape[0], filters).T @ seen).reshape(weight.shape)


def side_by_side(x: Array, kernel: Sizes, stride: Sizes) -> Array:
    """A row for each window, of all cells that it reads: (N * positions, cells * C), copied once, out of a view."""
    examples, *extents, depth = x.shape
    strides = [prod(x.shape[axis + 1 :]) for axis in range(x.ndim)]
    places = [positions(*axis, 1) for axis in zip(extents, kernel, stride, strict=True)]
    moved = [each * step for each, step in zip(strides[1:-1], stride, strict=True)]
    view = mx.as_strided(x, (examples, *places, *kernel, depth), (strides[0], *moved, *strides[1:]))
    return view.reshape(examples * prod(places), prod(kernel) * depth)


def by_kernel(case: Case, weight: Array, g: Array, pads: Pads) -> Array:
    """The gradient of the input at stride 1: that of the output convolved with the kernel turned round."""
    turned = weight[(slice(None), *[slice(None, None, -1)] * case.rank)].swapaxes(0, -1)
    borders = [(cells - 1 - low, cells - 1 - high) for cells, (low, high) in zip(case.kernel, pads, strict=True)]
    inner = [slice(max(-low, 0), extent + min(high, 0)) for extent, (low, high) in zip(g.shape[1:-1], borders)]
    lows, highs = [max(low, 0) for low, _ in borders], [max(high, 0) for _, high in borders]
    return mx.conv_general(g[(slice(None), *inner)], turned, 1, (lows, highs))


def by_cells(case: Case, x: Array, weight: Array, g: Array, pads: Pads) -> Array:
    """The gradient of the input: that of each cell of each window, added where the cell was read."""

    def read(x: Array) -> Array:
        cells = taps(padded(x, pads), case.kernel, case.stride, case.dilation)
        return mx.concatenate([cell for _, cell in cells], axis=-1)

    _, (found,) = mx.vjp(read, [x], [g @ weight.reshape(weight.shape[0], -1)])
    return found
