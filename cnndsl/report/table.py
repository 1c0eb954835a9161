"""A table of values that are held once and named by their number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


class Once:
    """Gives equal values the same number, counted from 0 in the order of their first use."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        """The number of a value."""
        return self._numbers.setdefault(value, len(self._numbers))

    def items(self) -> list[Any]:
        """The values by number."""
        return list(self._numbers)
