"""Windows taken out whole, a matrix of its own for each of them, and distances to prototypes."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from collections.abc import Callable
from math import prod

import mlx.core as mx

from cnndsl.primitives import Patches, Positionwise, SquaredDistance

from ..windows import padded, taps
from .base import Array, Run, rule
from .convolution import offset


@rule(Patches)
def patches(p: Patches, run: Run, x: Array) -> Array:
    seen = taps(padded(x, p.pads, p.fill), p.kernel, p.stride, p.dilation)
    return mx.stack([cell for _, cell in seen], axis=-2)


@rule(Positionwise, product=True)
def positionwise(p: Positionwise, run: Run, x: Array) -> Array:
    """Matrix products, one a position: (P, N, J) times (P, J, K)."""
    *positions, units = run.shape
    count = prod(positions)
    weight = run.parameters[p.weight].reshape(count, units, -1)
    y = x.reshape(x.shape[0], count, -1).transpose(1, 0, 2) @ weight.transpose(0, 2, 1)
    y = y.transpose(1, 0, 2).reshape(x.shape[0], *run.shape)
    return offset(p.bias, run, y)


MOST = 1 << 24  # differences in work at a time


@rule(SquaredDistance, wide=True)
def squared_distance(p: SquaredDistance, run: Run, x: Array) -> Array:
    """The differences themselves: the expanded square cancels. Some prototypes at a time, as they are many numbers."""
    prototypes = run.parameters[p.prototypes]
    step = max(1, MOST // max(x.size, 1))
    apart: Callable[[Array, Array], Array] = mx.checkpoint(_distances)
    parts = [apart(x, prototypes[first : first + step]) for first in range(0, prototypes.shape[0], step)]
    return mx.concatenate(parts, axis=-1)


def _distances(x: Array, prototypes: Array) -> Array:
    return (x[..., None, :] - prototypes).square().sum(axis=-1)
