"""Dropout, with masks made on the device, bit for bit those of `cnndsl.random`."""

from __future__ import annotations

from math import prod

import mlx.core as mx

from cnndsl import random
from cnndsl.program import Dropout

from .base import Array, Run, rule


@rule(Dropout)
def dropout(p: Dropout, run: Run, x: Array) -> Array:
    if run.past is None:
        return x
    mask = kept(random.dropout_key(run.seed, p.stream), run.past, p.rate, together(p, x))
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


def kept(key: random.Key, past: Array, rate: float, shape: tuple[int, ...]) -> Array:
    """A mask, true where an element stays: element e is decided by word e mod 2 of block e // 2."""
    size = prod(shape)
    blocks = mx.arange((size + 1) // 2, dtype=mx.uint32)
    words = mx.stack([*random.threefry(key, blocks, mx.full(blocks.shape, past))], axis=-1)
    limit = mx.array(random.threshold(rate), mx.uint32)
    return (words.reshape(-1)[:size] >= limit).reshape(shape)
