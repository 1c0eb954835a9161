"""Normalizations: over the batch, over each example by itself, and over neighbouring channels."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from math import prod
from typing import TYPE_CHECKING, Any

import mlx.core as mx

from cnndsl.primitives import Standardize
from cnndsl.program import BatchNorm, LocalResponseNorm

from .base import Array, Run, rule

if TYPE_CHECKING:
    from ..ranks import Portion


@rule(BatchNorm, wide=True)
def batch_norm(p: BatchNorm, run: Run, x: Array) -> Array:
    if run.training and not p.frozen:
        if run.portion is None:
            return _by_batch(p, run, x)
        mean, variance = _moments(p, run, run.portion, x)
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


def _by_batch(p: BatchNorm, run: Run, x: Array) -> Array:
    """By the moments of the whole batch, which is here."""
    channels = x.shape[-1]
    factor = mx.ones(channels) if p.factor is None else run.parameters[p.factor]
    offset = mx.zeros(channels) if p.offset is None else run.parameters[p.offset]
    y, _, mean, variance = normalizing(p.eps)(x, factor, offset)
    _move(p, run, mx.stop_gradient(mean), mx.stop_gradient(variance), x.size // channels)
    return y


@cache
def normalizing(eps: float) -> Callable[..., list[Array]]:
    """The function (x, factor, offset) -> y, x - mean, mean, variance over all but the channels, y differentiable.

    dx = factor / s (g - mean(g) - (x - mean) / s^2 mean(g (x - mean))) with s^2 = variance + eps (Ioffe and Szegedy,
    2015): half the passes over x that differentiating each operation takes.
    """

    def forward(x: Array, factor: Array, offset: Array) -> list[Array]:
        axes = tuple(range(x.ndim - 1))
        mean = x.mean(axis=axes)
        centred = x - mean
        variance = centred.square().mean(axis=axes)  # two passes: the mean of squares cancels
        return [centred * (mx.rsqrt(variance + eps) * factor) + offset, centred, mean, variance]

    def back(primals: Any, cotangents: Any, outputs: Any) -> list[Array]:
        (_, factor, _), g, (_, centred, _, variance) = primals, cotangents[0], outputs
        axes, count = tuple(range(g.ndim - 1)), g.size // g.shape[-1]
        scale = mx.rsqrt(variance + eps)
        total, along = g.sum(axis=axes), (g * centred).sum(axis=axes) * scale
        own = scale * factor
        of_x = g * own - (centred * (own * scale * along / count) + own * total / count)
        return [of_x, along, total]

    made: Any = mx.custom_function(forward)
    made.vjp(back)
    found: Callable[..., list[Array]] = made
    return found


def _moments(p: BatchNorm, run: Run, portion: Portion, x: Array) -> tuple[Array, Array]:
    """The mean and biased variance of the examples of all ranks."""
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axis=axes)
    mean, variance, examples = portion.moments(mean, (x - mean).square().mean(axis=axes))
    _move(p, run, mean, variance, examples * prod(x.shape[1:-1]))
    return mean, variance


def _move(p: BatchNorm, run: Run, mean: Array, variance: Array, count: Any) -> None:
    """The running statistics go on, with the unbiased variance; of a single value that is the biased one (0)."""
    for name, new in ((p.mean, mean), (p.variance, variance * (count / at_least_1(count - 1)))):
        run.statistics[name] = (1 - p.momentum) * run.statistic(name) + p.momentum * new


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
