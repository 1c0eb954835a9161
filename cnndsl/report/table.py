"""A table of values that are held once and named by their number."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
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


def packed(values: Sequence[Any]) -> Any:
    """The values, or where that is shorter each of them once, `of`, and their numbers in it, `at`."""
    once = Once()
    at = [once.number(json.dumps(value)) for value in values]
    shorter = {"of": [json.loads(text) for text in once.items()], "at": at}
    return min(list(values), shorter, key=lambda form: len(json.dumps(form)))
