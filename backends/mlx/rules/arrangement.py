"""Cells that are moved, left out, repeated, added or blended."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from typing import Any

import mlx.core as mx
import numpy as np

from cnndsl.primitives import AdaptivePool, Pad, Permute, Resize, Slice

from ..windows import padded
from .base import Array, Run, rule
from .reductions import first_largest


@rule(Permute)
def permute(p: Permute, run: Run, x: Array) -> Array:
    return x.transpose(0, *(axis + 1 for axis in p.order))


@rule(Slice)
def part(p: Slice, run: Run, x: Array) -> Array:
    return x[(slice(None), *(slice(*ends) for ends in zip(p.starts, p.stops, strict=True)))]


@rule(Pad)
def pad(p: Pad, run: Run, x: Array) -> Array:
    if p.mode == "constant":
        return padded(x, p.pads, p.value)
    for axis, (low, high) in enumerate(p.pads, 1):
        extent = x.shape[axis]
        places = np.arange(-low, extent + high)
        x = take(x, np.clip(places, 0, extent - 1) if p.mode == "edge" else reflected(places, extent), axis)
    return x


def reflected(places: Any, extent: int) -> Any:
    """To and fro between 0 and extent - 1: 2 1 | 0 1 2 3 | 2 1 0 1 …"""
    around = places % max(2 * (extent - 1), 1)
    return np.minimum(around, 2 * (extent - 1) - around)


@rule(Resize)
def resize(p: Resize, run: Run, x: Array) -> Array:
    """Each axis by itself."""
    for axis, outputs in enumerate(run.shape[:-1], 1):
        x = (nearest if p.mode == "nearest" else linear)(x, axis, outputs)
    return x


def nearest(x: Array, axis: int, outputs: int) -> Array:
    extent = x.shape[axis]
    if outputs % extent == 0:
        return mx.repeat(x, outputs // extent, axis=axis)  # its gradient is a sum, that of `take` a scatter
    return take(x, np.arange(outputs) * extent // outputs, axis)


def linear(x: Array, axis: int, outputs: int) -> Array:
    """y[i] = (1 - t) x[j] + t x[j + 1] at j + t = (i + 0.5) W/n - 0.5."""
    extent = x.shape[axis]
    places = np.clip((np.arange(outputs) + 0.5) * extent / outputs - 0.5, 0, extent - 1)
    low = places.astype(np.int64)
    share = mx.array((places - low).astype(np.float32).reshape(-1, *[1] * (x.ndim - 1 - axis)))
    return (1 - share) * take(x, low, axis) + share * take(x, np.minimum(low + 1, extent - 1), axis)


@rule(AdaptivePool, "average", wide=True)
def adaptive_average(p: AdaptivePool, run: Run, x: Array) -> Array:
    """The mean of a window is that of its columns' means."""
    for axis, outputs in enumerate(run.shape[:-1], 1):
        index = (slice(None),) * axis
        means = [x[(*index, window)].mean(axis=axis, keepdims=True) for window in windows(x.shape[axis], outputs)]
        x = mx.concatenate(means, axis=axis)
    return x


@rule(AdaptivePool, "max")
def adaptive_max(p: AdaptivePool, run: Run, x: Array) -> Array:
    """The largest of each row, then of the rows the first largest: that is the first in reading order."""
    for axis in range(x.ndim - 2, 0, -1):
        index = (slice(None),) * axis
        parts = [x[(*index, window)] for window in windows(x.shape[axis], run.shape[axis - 1])]
        x = mx.concatenate([first_largest(part, axis) for part in parts], axis=axis)
    return x


def windows(extent: int, outputs: int) -> list[slice]:
    """Output i of n covers the cells floor(i W/n) up to, not including, ceil((i + 1) W/n)."""
    return [slice(i * extent // outputs, -(-(i + 1) * extent // outputs)) for i in range(outputs)]


def take(x: Array, places: Any, axis: int) -> Array:
    return mx.take(x, mx.array(places.astype(np.int32)), axis=axis)
