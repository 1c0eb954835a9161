"""What MLX does to be measured, on its default device."""

from __future__ import annotations

from collections.abc import Callable

import mlx.core as mx

TYPES = ("float32", "float16", "bfloat16")


def product(size: int, dtype: str) -> Callable[[], object]:
    """The product of two square matrices."""
    one, other = (mx.full((size, size), value, getattr(mx, dtype)) for value in (0.5, 0.25))
    mx.eval(one, other)
    return lambda: mx.eval(one @ other)


def copy(size: int) -> Callable[[], object]:
    """So many bytes read and written: the sign of each number is turned, as a mere copy may copy nothing."""
    source = mx.ones((size // 4,), mx.float32)
    mx.eval(source)
    return lambda: mx.eval(-source)
