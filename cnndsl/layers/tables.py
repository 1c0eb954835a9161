"""Arguments that are tables: numbers for each channel, given weights, connections."""

from __future__ import annotations

from math import prod
from typing import Any

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.limits import TooLarge
from cnndsl.layers.arguments import BadValue, Kind, show_value
from cnndsl.layers.scalars import Count, Real, decimal
from cnndsl.record import Record

DEEPEST = 5
#: numbers that a layer may be given
MOST = 2**20


def within_limit(layer: str, argument: str, count: int) -> None:
    """Refuses to give a layer more numbers than the compiler would hold."""
    if count > MOST:
        what = f"`{argument}=` would give `{layer}` {count:,} numbers"
        raise Refused(TooLarge(NOWHERE, what=what, limit=f"{MOST:,} given numbers"))


class Table(Record):
    """Numbers in reading order, and the extents of the table that they were written in."""

    extents: tuple[int, ...]
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        return _nested(self.extents, self.numbers)


def _nested(extents: tuple[int, ...], numbers: tuple[float, ...]) -> str:
    if not extents:
        return show_value(numbers[0])
    part = prod(extents[1:])
    rows = (_nested(extents[1:], numbers[start : start + part]) for start in range(0, len(numbers), part))
    return f"[{', '.join(rows)}]"


class Numbers(Kind):
    """A table of numbers: a list, a list of rows, and so on, every row as long as the others."""

    @property
    def allowed(self) -> str:
        return "a table of numbers such as [[1, 0], [0, -1]]"

    def accept(self, value: Any) -> Any:
        if isinstance(value, Table):
            return value
        if not isinstance(value, tuple) or not value:
            raise BadValue
        numbers: list[float] = []
        return Table(_extents(value, numbers, DEEPEST), tuple(numbers))

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (Table((2, 2), (1.0, 0.0, 0.0, -1.0)),)


def _extents(value: Any, numbers: list[float], deepest: int) -> tuple[int, ...]:
    """The extents of a nested list, whose numbers are gathered on the way."""
    if not isinstance(value, tuple):
        numbers.append(decimal(value))
        return ()
    if not deepest:
        raise BadValue(f"at most {DEEPEST} levels of lists")
    found = {_extents(item, numbers, deepest - 1) for item in value}
    if len(found) != 1:
        raise BadValue("every row has as many values as the others, and at least one")
    return (len(value), *found.pop())


class PerChannel(Kind):
    """A number for all channels, or one for each."""

    number: Real = Real()

    @property
    def allowed(self) -> str:
        return f"{self.number.allowed}, or a list with one for each channel"

    def accept(self, value: Any) -> float | tuple[float, ...]:
        if isinstance(value, tuple) and value:
            return tuple(map(self.number.accept, value))
        return self.number.accept(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        one = self.number.samples(rank)[0]
        return one, tuple(one + place / 4 for place in range(4 if rank else 12))


class Connections(Kind):
    """For each filter a row of the input's channels that it sees."""

    @property
    def allowed(self) -> str:
        return "a list with a row for each filter, of the channels it sees counted from 0, or none"

    def accept(self, value: Any) -> tuple[tuple[int, ...], ...] | None:
        if value is None:
            return None
        if not isinstance(value, tuple) or not value:
            raise BadValue
        return tuple(map(self._row, value))

    def _row(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple | range) or not len(value):
            raise BadValue("every row is a list of channels such as [0, 1], and not empty")
        row = tuple(Count(0).accept(item) for item in value)
        if len(set(row)) != len(row):
            raise BadValue("a row names a channel once")
        return row

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (((0, 1), (1, 2, 3), (2,), (0, 3)),)
