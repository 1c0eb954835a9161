"""Normalizations: over the batch, over each example by itself, and over neighbouring channels."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from functools import reduce
from math import prod
from typing import Any

import mlx.core as mx

from cnndsl.primitives import Standardize
from cnndsl.program import BatchNorm, LocalResponseNorm

from .base import Array, Run, rule


@rule(BatchNorm, wide=True)
def batch_norm(p: BatchNorm, run: Run, x: Array) -> Array:
    if run.training and not p.frozen:
        mean, variance = _moments(p, run, x)
    else:
        mean, variance = run.statistic(p.mean), run.statistic(p.variance)
    scale = mx.rsqrt(variance + p.eps)
    if p.factor is not None:
        scale = scale * run.parameters[p.factor]
    offset = None if p.offset is None else run.parameters[p.offset]
    if not run.training:  # all but x are single numbers then, so what does not depend on it is made first
        shift = -mean * scale
        return x * scale + (shift if offset is None else shift + offset)
    y = (x - mean) * scale
    return y if offset is None else y + offset


def _moments(p: BatchNorm, run: Run, x: Array) -> tuple[Array, Array]:
    """The batch's mean and biased variance; the running ones move on, the variance unbiased."""
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axis=axes)
    variance = (x - mean).square().mean(axis=axes)  # two passes: the mean of squares cancels
    mean, variance, examples = run.moments(mean, variance, x.shape[0])
    count = examples * prod(x.shape[1:-1])
    # A single value has no unbiased variance: then the biased one (0) is taken.
    for name, new in ((p.mean, mean), (p.variance, variance * (count / at_least_1(count - 1)))):
        run.statistics[name] = (1 - p.momentum) * run.statistic(name) + p.momentum * new
    return mean, variance


def at_least_1(count: Any) -> Any:
    return mx.maximum(count, 1) if isinstance(count, mx.array) else max(count, 1)


@rule(Standardize, wide=True)
def standardize(p: Standardize, run: Run, x: Array) -> Array:
    """Arrays are looked at as (examples, positions, groups, channels of one)."""
    axes = (1, 3) if p.spatial else (3,)
    grouped = x.reshape(x.shape[0], prod(x.shape[1:-1]), p.groups, -1)
    centred = grouped - grouped.mean(axis=axes, keepdims=True)
    variance = centred.square().mean(axis=axes, keepdims=True)
    return (centred * mx.rsqrt(variance + p.eps)).reshape(x.shape)


@rule(LocalResponseNorm, wide=True)
def local_response_norm(p: LocalResponseNorm, run: Run, x: Array) -> Array:
    channels = x.shape[-1]
    squares = mx.pad(x.square(), [*[(0, 0)] * (x.ndim - 1), (p.size // 2, (p.size - 1) // 2)])
    around = reduce(mx.add, [squares[..., first : first + channels] for first in range(p.size)])
    return x * mx.power(p.k + p.alpha * around, -p.beta)
