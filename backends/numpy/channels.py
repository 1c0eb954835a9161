"""Arithmetic with one number for each channel, and pieces that fit the cache.

NumPy's loops run along the last axis: with few channels they would be short, so several positions are
taken together.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .calls import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .calls import Call
    from .memory import Array

WIDTH = 512  # elements of a row that is long enough
CACHE = 1 << 20  # bytes of an array that is worked on in pieces
MADE = 1 << 16  # bytes of an array where others like it are made on the way: they lie outside the plan's memory
ROWS = 1 << 12  # added up in the arrays' own precision before they are added up in float64


def repeats(channels: int) -> int:
    """How many positions make a row that is long enough."""
    return max(1, WIDTH // channels)


def tile(vector: Array, dtype: Any = None) -> Array:
    """A number for each channel, repeated for as many positions as make a long row."""
    found = np.empty((repeats(vector.size), vector.size), dtype or vector.dtype)
    spread(vector, found)
    return found.reshape(-1)


def spread(vector: Array, out: Array) -> None:
    """Writes a number for each channel as often as it fits."""
    out.reshape(-1, vector.size)[:] = vector  # a sixth of the time of np.tile


def calls(operation: np.ufunc, array: Array, vector: Array, out: Array) -> Iterator[Call]:
    """`operation(array, vector)` for each position; arrays (…, C) are contiguous, `vector` is from `tile`."""
    flat, target = array.reshape(-1), out.reshape(-1)
    whole = flat.size // vector.size * vector.size
    shape = (-1, vector.size)
    if whole:
        yield partial(operation, flat[:whole].reshape(shape), vector, out=target[:whole].reshape(shape))
    if whole < flat.size:
        yield partial(operation, flat[whole:], vector[: flat.size - whole], out=target[whole:])


def apply(operation: np.ufunc, array: Array, vector: Array, out: Array) -> None:
    """Makes those calls."""
    run(calls(operation, array, vector, out))


def total(array: Array, channels: int) -> Array:
    """The sum over all positions of a contiguous array (…, C), in float64."""
    rows, rest = _rows(array, channels)
    return _folded((ones(some.dtype)[: len(some)] @ some for some in _some(rows)), rest, channels)


def _rows(array: Array, channels: int) -> tuple[Array, Array]:
    """Rows of several positions, and the positions that are left."""
    flat, width = array.reshape(-1), repeats(channels) * channels
    whole = flat.size // width * width
    return flat[:whole].reshape(-1, width), flat[whole:]


@cache
def ones(dtype: np.dtype[Any]) -> Array:
    """A row of ones, to add rows up with; not to be changed."""
    return np.ones(ROWS, dtype)


def _some(rows: Array) -> Iterator[Array]:
    return (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))


def _folded(sums: Iterable[Array], rest: Array, channels: int) -> Array:
    """Sums of rows, with the positions that are left, as sums for each channel."""
    found = np.zeros(repeats(channels) * channels)
    for each in sums:
        found += each
    found[: rest.size] += rest
    totals: Array = found.reshape(-1, channels).sum(axis=0)
    return totals


def share(count: int, seat: int, seats: int) -> slice:
    """The part of `count` things in a row that belongs to one of some threads."""
    return slice(count * seat // seats, count * (seat + 1) // seats)


def pieces(count: int, each: int, budget: int = CACHE) -> Iterator[slice]:
    """Cuts `count` things of `each` bytes into parts of about `budget` bytes, all about equally large."""
    parts = min(count, max(1, -(-count * each // budget)))
    for i in range(parts):
        yield slice(count * i // parts, count * (i + 1) // parts)
