"""Which values a setting may have, and how a message says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from cnndsl.record import Record


class Check(Protocol):
    """What `Choice.checks` holds for a setting; its text completes "it must be …"."""

    def allows(self, value: Any) -> bool:
        """Whether a setting may have this value."""

    def __str__(self) -> str: ...


class Limit(Record):
    """The numbers between `low` and `high`; `low` itself only if `least`, `high` itself only if `most`."""

    low: float = 0.0
    high: float = float("inf")
    least: bool = False
    most: bool = False

    def allows(self, value: Any) -> bool:
        ends = (self.least and value == self.low) or (self.most and value == self.high)
        return is_number(value) and (self.low < value < self.high or ends)

    def __str__(self) -> str:
        if self.least and self.most:
            return f"a number from {self.low:g} to {self.high:g}"
        above = f"a number of at least {self.low:g}" if self.least else f"a number above {self.low:g}"
        return (
            above if self.high == float("inf") else f"{above} and {'at most' if self.most else 'below'} {self.high:g}"
        )


class Real(Record):
    """Any number."""

    def allows(self, value: Any) -> bool:
        return is_number(value)

    def __str__(self) -> str:
        return "a number"


class Whole(Record):
    """The whole numbers from `least`."""

    least: int = 1

    def allows(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= self.least

    def __str__(self) -> str:
        return f"a whole number of at least {self.least}"


class Flag(Record):
    """Yes or no."""

    def allows(self, value: Any) -> bool:
        return isinstance(value, bool)

    def __str__(self) -> str:
        return "True or False"


class Each(Record):
    """Some values, each of which must pass a check."""

    check: Any

    def allows(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(map(self.check.allows, value))

    def __str__(self) -> str:
        return f"a list, each item {self.check}"


class Optional(Record):
    """None, or what passes a check."""

    check: Any

    def allows(self, value: Any) -> bool:
        return value is None or bool(self.check.allows(value))

    def __str__(self) -> str:
        return f"{self.check}, or None"


class Word(Record):
    """One of some words."""

    words: tuple[str, ...]

    def allows(self, value: Any) -> bool:
        return value in self.words

    def __str__(self) -> str:
        return " or ".join(map(repr, self.words))


def is_number(value: Any) -> bool:
    """Whether it is a finite number, True and False not being any."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def plain(value: Any) -> Any:
    """A setting as the classes keep it: NumPy's numbers and arrays as Python's, lists as tuples."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(map(plain, value)) if isinstance(value, Iterable) and isinstance(value, list | tuple) else value


POSITIVE = Limit()
AT_LEAST_ZERO = Limit(least=True)
FRACTION = Limit(high=1.0, least=True)
SHARE = Limit(high=1.0, least=True, most=True)
