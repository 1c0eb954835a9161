"""Arithmetic with one number for each channel, and pieces that fit the cache.

NumPy's loops run along the last axis: with few channels they would be short, so several positions are
taken together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .memory import Array

WIDTH = 512  # elements of a row that is long enough
CACHE = 1 << 19  # bytes of an array that is worked on in pieces
ROWS = 1 << 12  # added up in the arrays' own precision before they are added up in float64


def repeats(channels: int) -> int:
    """How many positions make a row that is long enough."""
    return max(1, WIDTH // channels)


def tile(vector: Array) -> Array:
    """A number for each channel, repeated for as many positions as make a long row."""
    return np.tile(vector, repeats(vector.size))


def apply(operation: np.ufunc, array: Array, vector: Array, out: Array) -> None:
    """`operation(array, vector)` for each position; arrays (…, C) are contiguous, `vector` is from `tile`."""
    flat, target = array.reshape(-1), out.reshape(-1)
    whole = flat.size // vector.size * vector.size
    shape = (-1, vector.size)
    operation(flat[:whole].reshape(shape), vector, out=target[:whole].reshape(shape))
    if whole < flat.size:
        operation(flat[whole:], vector[: flat.size - whole], out=target[whole:])


def total(array: Array, channels: int) -> Array:
    """The sum over all positions of a contiguous array (…, C), in float64."""
    flat = array.reshape(-1)
    width = repeats(channels) * channels
    whole = flat.size // width * width
    rows = flat[:whole].reshape(-1, width)
    found = np.zeros(width)
    for start in range(0, len(rows), ROWS):
        found += np.add.reduce(rows[start : start + ROWS], axis=0)
    found[: flat.size - whole] += flat[whole:]
    totals: Array = found.reshape(-1, channels).sum(axis=0)
    return totals


def pieces(count: int, each: int, budget: int = CACHE) -> Iterator[slice]:
    """Cuts `count` things of `each` bytes into parts of about `budget` bytes, all about equally large."""
    parts = min(count, max(1, -(-count * each // budget)))
    for i in range(parts):
        yield slice(count * i // parts, count * (i + 1) // parts)
