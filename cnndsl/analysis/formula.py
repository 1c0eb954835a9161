"""The formula of a window, W2 = (W - F + 2P)/S + 1, with open letters; and what its answers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from cnndsl.layers.window import Window, same_pads
from cnndsl.record import Record

Pads = tuple[int, int]

#: the extents, kernels, strides and paddings that are looked at end here, as everywhere in the language
LARGEST = 2**31
#: values of a letter whose windows are looked at one by one where no rule is known (`same` padding)
FEW = 64


class Family(Record):
    """Whole numbers first, first + step, …: `count` of them, or without end (None)."""

    first: int
    step: int
    count: int | None

    def __iter__(self) -> Iterator[int]:
        number = self.first
        while self.count is None or number < self.first + self.step * self.count:
            yield number
            number += self.step

    def to_dict(self) -> dict[str, Any]:
        return {"first": self.first, "step": self.step, "count": self.count}


class Formula(Record):
    """The numbers of W2 = floor((W + P_lo + P_hi - D(F-1) - 1)/S) + 1; None for an open letter.

    `pad` is a (low, high) pair, `same`, or None; with `ceil` the division rounds up, as in a pool.
    """

    output: int | None = None
    extent: int | None = None
    kernel: int | None = None
    stride: int | None = None
    pad: Pads | str | None = None
    dilation: int | None = 1
    ceil: bool = False

    @property
    def open(self) -> tuple[str, ...]:
        """The letters without a number."""
        values = zip(("W2", "W", "F", "S", "P", "D"), self.as_tuple())
        return tuple(letter for letter, value in values if value is None)

    def window(self) -> Window:
        """The window of a formula in which at most W2 is open."""
        assert self.extent and self.kernel and self.stride and self.pad and self.dilation
        pads = self.pad
        if isinstance(pads, str):
            pads = same_pads(self.extent, self.kernel, self.stride, self.dilation)
        return Window(self.extent, self.kernel, self.stride, *pads, self.dilation, self.ceil)


class Way(Record):
    """One way to fill an open letter: the window of each number from `first` on."""

    letter: str
    first: int
    window: Callable[[int], Window]
    #: what it is beside the plain way: the padding of the two ends differs by one cell
    uneven: bool = False


class Answers(Record):
    """What a way gives: the numbers that fit, and of them those whose division is exact."""

    way: Way
    fitting: Family
    exact: tuple[Family, ...]

    def windows(self, exact: bool) -> Iterator[Window]:
        """The windows whose division is exact, or those of the others, the smallest number first."""
        numbers = sorted(number for family in self.exact for number in islice(family, FEW))
        if not exact:
            known = set(numbers)
            numbers = [number for number in islice(self.fitting, FEW) if number not in known]
        return map(self.way.window, numbers)

    @property
    def rounded(self) -> int | None:
        """How many of the numbers do not divide exactly; None without end."""
        counts = [family.count for family in self.exact]
        if self.fitting.count is not None:
            return self.fitting.count - sum(count or 0 for count in counts)
        endless = [family for family in self.exact if family.count is None]
        return 0 if any(family.step == 1 for family in endless) else None


class Solution(Record):
    """All answers: by way where one letter is open besides W2, as plain windows where two are."""

    formula: Formula
    answers: tuple[Answers, ...] = ()
    pairs: tuple[Window, ...] = ()
    #: what was not looked at, in words
    limits: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        return self.formula.open

    def to_dict(self) -> dict[str, Any]:
        """The answers as JSON has them: the first of each family, and the family as first, step and count."""
        found = list(self.pairs)
        for way in self.answers:
            found += [*way.windows(True), *way.windows(False)]
        return {
            "schema": 1,
            "open": list(self.open),
            "answers": [_as_object(window) for window in found],
            "families": [
                {
                    "letter": found.way.letter,
                    "uneven": found.way.uneven,
                    "fitting": found.fitting.to_dict(),
                    "exact": [family.to_dict() for family in found.exact],
                }
                for found in self.answers
            ],
        }


def _as_object(window: Window) -> dict[str, Any]:
    letters = {"W2": window.output, "W": window.extent, "F": window.kernel, "S": window.stride}
    how = {"exact": not window.remainder, "ceil": window.ceil}
    return {**letters, "P": [window.low, window.high], "D": window.dilation, **how}
