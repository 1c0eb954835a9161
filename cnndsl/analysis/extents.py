"""Sets of extents in words: "any from 32", "33, 65, 97, …: 1 mod 32", exact up to where they were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnndsl.record import Record

#: how many numbers or ranges are listed
LISTED = 4


class Extents(Record):
    """The extents from 1 to `last` with some property: bit n of `members` says whether n has it."""

    members: int
    last: int

    @classmethod
    def of(cls, numbers: Iterable[int], last: int) -> Extents:
        """The set of some numbers from 1 to `last`."""
        members = 0
        for number in numbers:
            members |= 1 << number
        return cls(members, last)

    @classmethod
    def all(cls, last: int) -> Extents:
        """Every extent from 1 to `last`."""
        return cls((1 << (last + 1)) - 2, last)

    def __contains__(self, number: int) -> bool:
        return bool(self.members >> number & 1)

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(1, self.last + 1) if number in self)

    def __bool__(self) -> bool:
        return bool(self.members)

    def __and__(self, other: Extents) -> Extents:
        return Extents(self.members & other.members, self.last)

    def __sub__(self, other: Extents) -> Extents:
        return Extents(self.members & ~other.members, self.last)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Its members as ranges of neighbours, first and last."""
        found: list[tuple[int, int]] = []
        rest, at = self.members, 0
        while rest:
            skip = (rest & -rest).bit_length() - 1
            rest >>= skip
            length = (~rest & (rest + 1)).bit_length() - 1
            found.append((at + skip, at + skip + length - 1))
            rest >>= length
            at += skip + length
        return found

    def rule(self) -> tuple[int, int, tuple[int, ...]]:
        """`start, period, residues`: from `start` on a number is a member if its rest by `period` is a residue.

        The smallest period is taken for which that holds for at least half of the numbers, so that it
        was seen to come back. Without one the rule begins behind the last number.
        """
        for period in range(1, self.last // 4 + 1):
            same = ~(self.members ^ (self.members >> period)) & ((1 << (self.last - period + 1)) - 2)
            start = (~same & ((1 << (self.last - period + 1)) - 2)).bit_length()
            if start <= self.last // 2:
                start = max(start, 1)
                members = (number for number in range(start, start + period) if number in self)
                return start, period, tuple(sorted(number % period for number in members))
        return self.last + 1, 1, ()

    def words(self) -> str:
        """The set in words."""
        start, period, residues = self.rule()
        if not self.members:
            return f"none up to {self.last:,}"
        if not residues:
            return _listed(self.ranges)
        first, early = self._begin(start, period, residues)
        before = f"{_listed(early.ranges)}; then " if early else ""
        if period == 1:
            return f"{before}any from {first}"
        rule = f"{_rests(residues)} mod {period}" if residues != (0,) else f"multiples of {period}"
        if len(residues) == 1 and not early:
            listed = ", ".join(str(first + step * period) for step in range(3))
            return f"{listed}, …: {rule}"
        least = min(number for number in range(1, period + 1) if number % period in residues)
        return f"{before}{rule}" + (f" from {first}" if early or first > least else "")

    def _begin(self, start: int, period: int, residues: tuple[int, ...]) -> tuple[int, Extents]:
        """The first member from which on the rule holds, and the members before it."""
        while start > 1 and (start - 1 in self) == ((start - 1) % period in residues):
            start -= 1
        first = next(number for number in range(start, self.last + 1) if number in self)
        return first, Extents(self.members & ((1 << first) - 1), self.last)

    def to_dict(self) -> dict[str, Any]:
        """`from`, `period` and `residues` of its rule, and what is a member `before` it."""
        start, period, residues = self.rule()
        early = Extents(self.members & ((1 << start) - 1), self.last)
        return {
            "words": self.words(),
            "before": [list(pair) for pair in early.ranges],
            "from": start if residues else None,
            "period": period if residues else None,
            "residues": list(residues),
            "looked_at": self.last,
        }


def _listed(ranges: list[tuple[int, int]]) -> str:
    """`1, 3 to 5, 9 and 12 more`."""
    shown = [str(first) if first == last else f"{first} to {last}" for first, last in ranges[:LISTED]]
    if len(ranges) <= LISTED:
        return ", ".join(shown)
    return f"{', '.join(shown)}, … ({len(ranges)} such ranges up to {ranges[-1][1]:,})"


def _rests(residues: tuple[int, ...]) -> str:
    """`1`, `0 or 31`, `3 to 8`."""
    pieces = Extents.of((residue + 1 for residue in residues), residues[-1] + 1).ranges
    shown = [str(first - 1) if first == last else f"{first - 1} to {last - 1}" for first, last in pieces[:LISTED]]
    if len(pieces) > LISTED:
        return f"{', '.join(shown)}, … ({len(residues)} of the rests)"
    return " or ".join(shown)
