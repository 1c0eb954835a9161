"""Telling a batch, which is a pair, from an array written as a list."""

from __future__ import annotations

from typing import Any


def is_pair(item: Any) -> bool:
    """Whether it is a batch: two things, examples and targets, and not two numbers or two rows."""
    return isinstance(item, tuple | list) and len(item) == 2 and not isinstance(item[0], int | float | str)
