"""Counting, alike on NumPy's arrays and on those of a device: `xp` is the module that they are of."""

from __future__ import annotations

from typing import Any

import numpy as np


def pair(xp: Any, right: Any) -> Any:
    """How many of some booleans are true, and how many they are."""
    return xp.stack([right.sum(), xp.array(right.size)])


def tally(xp: Any, numbers: Any, size: int) -> Any:
    """How often each of the numbers below `size` occurs, whatever their shape."""
    if xp is np:
        return np.bincount(numbers.reshape(-1), minlength=size)
    return xp.zeros((size,), xp.int32).at[numbers.reshape(-1)].add(1)


def integers(xp: Any, numbers: Any) -> Any:
    """Labels, or yes and no as 1 and 0, in a type that takes arithmetic: 64 bits, where a device may have but 32."""
    return numbers.astype(np.int64 if xp is np else xp.int32)
