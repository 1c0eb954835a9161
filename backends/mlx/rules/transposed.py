"""Transposed convolution, put together of plain ones.

MLX's own is wrong for some settings of stride, dilation and padding (in 0.32.4, too). A stride of S
splits the output into S interleaved phases along each axis, and each phase is a convolution, of
stride 1, of the input with those cells of the kernel that fall on it.
"""

from __future__ import annotations

from itertools import product
from math import ceil, gcd

import mlx.core as mx

from cnndsl.primitives import ConvolveTransposed
from cnndsl.record import Record

from ..windows import padded
from .base import Array, Run, rule
from .convolution import Case, offset, way


class Phase(Record):
    """Every S-th output along an axis: the kernel's cells that reach it, and how the input must be padded.

    Output q of the phase sums x[q - base - j * dilation] over the cells j = 0, 1, … that `cells` picks.
    """

    cells: slice
    dilation: int
    pads: tuple[int, int]


def phases(extent: int, kernel: int, stride: int, dilation: int, outputs: int) -> list[Phase | None]:
    """The phases of an axis of `extent` inputs, each with `outputs` outputs; None for one that no cell reaches."""
    step = stride // gcd(dilation, stride)  # from one cell of a phase to the next
    apart = dilation * step // stride
    found: list[Phase | None] = []
    for phase in range(stride):
        first = next((cell for cell in range(kernel) if cell * dilation % stride == phase), None)
        if first is None:
            found.append(None)
            continue
        base = (first * dilation - phase) // stride
        wide = ((kernel - 1 - first) // step) * apart
        found.append(Phase(slice(first, None, step), apart, (base + wide, outputs - base - extent)))
    return found


@rule(ConvolveTransposed, product=True)
def convolve_transposed(p: ConvolveTransposed, run: Run, x: Array) -> Array:
    weight = run.parameters[p.weight]
    extents, kernel, positions = x.shape[1:-1], weight.shape[1:-1], run.shape[:-1]
    lows = [low for low, _ in p.pads]
    counts = [
        ceil(max(low + out, (extent - 1) * stride + dilation * (cells - 1) + 1) / stride)
        for low, out, extent, stride, dilation, cells in zip(lows, positions, extents, p.stride, p.dilation, kernel)
    ]
    axes = [phases(*axis) for axis in zip(extents, kernel, p.stride, p.dilation, counts)]
    blank = mx.zeros((x.shape[0], *counts, weight.shape[0]), x.dtype)
    parts = [
        _convolve(p, run, x, weight, [phase for phase in combination if phase]) if all(combination) else blank
        for combination in product(*axes)
    ]
    whole = _interleaved(parts, p.stride)
    return offset(p.bias, run, whole[(slice(None), *(slice(low, low + out) for low, out in zip(lows, positions)))])


def _convolve(p: ConvolveTransposed, run: Run, x: Array, weight: Array, found: list[Phase]) -> Array:
    """One phase of the output: the cells come in reverse, as a convolution reads them in rising order."""
    kernel = weight[(slice(None), *(phase.cells for phase in found))]
    kernel = kernel[(slice(None), *[slice(None, None, -1)] * len(found))]
    case = Case(
        (1,) * len(found),
        tuple(phase.dilation for phase in found),
        p.groups,
        weight.shape[-1],
        run.gpu,
        run.training,
        kernel.shape[1:-1],
    )
    return way(case)(case, padded(x, tuple(phase.pads for phase in found)), kernel)


def _interleaved(parts: list[Array], stride: tuple[int, ...]) -> Array:
    """Phases, the last axis's fastest, each (N, *counts, K), as one array (N, *counts * stride, K)."""
    if len(parts) == 1:
        return parts[0]
    examples, *counts, depth = parts[0].shape
    rank = len(counts)
    whole = mx.stack(parts).reshape(*stride, examples, *counts, depth)
    order = [rank, *(axis for i in range(rank) for axis in (rank + 1 + i, i)), 2 * rank + 1]
    return whole.transpose(order).reshape(examples, *(c * s for c, s in zip(counts, stride)), depth)
