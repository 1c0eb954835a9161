"""One learned number for each channel."""

from __future__ import annotations

import mlx.core as mx

from cnndsl.primitives import Affine, PRelu

from .base import Array, Run, rule


@rule(Affine, wide=True)
def affine(p: Affine, run: Run, x: Array) -> Array:
    if p.factor is not None:
        x = x * run.parameters[p.factor]
    return x if p.offset is None else x + run.parameters[p.offset]


@rule(PRelu, wide=True)
def prelu(p: PRelu, run: Run, x: Array) -> Array:
    return mx.where(x > 0, x, run.parameters[p.slope] * x)
