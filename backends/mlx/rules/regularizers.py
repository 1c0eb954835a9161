"""What is drawn at random while training: on the device, from the words of `cnndsl.random`, so the same everywhere."""

from __future__ import annotations

from math import pi, prod

import mlx.core as mx

from cnndsl import random
from cnndsl.primitives import Noise
from cnndsl.program import Dropout

from .base import Array, Run, rule


@rule(Dropout)
def dropout(p: Dropout, run: Run, x: Array) -> Array:
    if run.past is None:
        return x
    mask = kept(random.dropout_key(run.seed, p.stream), run.past, p.rate, together(p, x), run.first)
    return mx.where(mask, x / (1 - p.rate), 0.0)


def together(p: Dropout, x: Array) -> tuple[int, ...]:
    """The shape of the mask, with extents of 1 where cells are dropped together."""
    extents, positions = tuple(x.shape), (1,) * (x.ndim - 2)
    shapes = {
        "element": extents,
        "channel": (extents[0], *positions, extents[-1]),
        "example": (extents[0], *positions, 1),
    }
    return shapes[p.whole]


def kept(key: random.Key, past: Array, rate: float, shape: tuple[int, ...], first: Array | None = None) -> Array:
    """A mask, true where an element stays: element e is decided by word e mod 2 of block e // 2."""
    limit = mx.array(random.threshold(rate), mx.uint32)
    skipped = elements(first, shape)
    return in_order(*words(key, past, prod(shape), skipped), shape, skipped) >= limit


@rule(Noise)
def noise(p: Noise, run: Run, x: Array) -> Array:
    if run.past is None:
        return x
    return x + p.std * normals(random.noise_key(run.seed, p.stream), run.past, tuple(x.shape), run.first)


def normals(key: random.Key, past: Array, shape: tuple[int, ...], first: Array | None = None) -> Array:
    """Standard normal numbers, the pairs of G. Box and M. Muller (1958), from the top 24 bits of both words."""
    skipped = elements(first, shape)
    one, two = (word >> 8 for word in words(key, past, prod(shape), skipped))
    radius = mx.sqrt(-2.0 * mx.log((one + 1) * 2.0**-24))
    angle = two * (2.0 * pi * 2.0**-24)
    return in_order(radius * mx.cos(angle), radius * mx.sin(angle), shape, skipped)


def elements(first: Array | None, shape: tuple[int, ...]) -> Array | None:
    """The elements of so many examples, which other ranks have before these."""
    return None if first is None else first * prod(shape[1:])


def words(key: random.Key, past: Array, count: int, skipped: Array | None = None) -> tuple[Array, Array]:
    """The first and the second words of the blocks for so many elements, at a step."""
    blocks = mx.arange((count + 1) // 2 if skipped is None else count // 2 + 1, dtype=mx.uint32)
    blocks = blocks if skipped is None else blocks + (skipped >> 1)
    one, two = random.threefry(key, blocks, mx.full(blocks.shape, past))
    return one, two


def in_order(one: Array, two: Array, shape: tuple[int, ...], skipped: Array | None = None) -> Array:
    """The elements of pairs in reading order; an odd number that is skipped begins with the second of a pair."""
    flat = mx.stack([one, two], axis=-1).reshape(-1)
    flat = flat[: prod(shape)] if skipped is None else flat[mx.arange(prod(shape), dtype=mx.uint32) + (skipped & 1)]
    return flat.reshape(shape)
