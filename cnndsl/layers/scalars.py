"""Arguments that are one value: a number, a flag, a word, a volume."""

from __future__ import annotations

from math import inf
from typing import Any

from cnndsl.layers.arguments import BadValue, Kind
from cnndsl.suggest import closest
from cnndsl.volume import Volume

LARGEST = 2**31
LARGEST_FLOAT = (2 - 2**-23) * 2.0**127


def whole(value: Any) -> int:
    """A whole number, also if it was computed as a decimal (`32 * 0.5`)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue
    if isinstance(value, float):
        if not value.is_integer():
            raise BadValue("use `//`, `int(…)` or `round(…)` to make it whole")
        return int(value)
    return value


def decimal(value: Any) -> float:
    """A number that float32, in which networks compute, can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not abs(number) <= LARGEST_FLOAT:
        raise BadValue(f"the largest is {LARGEST_FLOAT:g}, that of float32")
    return number


class Count(Kind):
    """A whole number."""

    minimum: int = 1

    @property
    def allowed(self) -> str:
        return f"a whole number of {self.minimum} or more"

    def accept(self, value: Any) -> int:
        number = whole(value)
        if number < self.minimum:
            raise BadValue
        if number > LARGEST:
            raise BadValue(f"the largest is 2**31 = {LARGEST}")
        return number

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (self.minimum + 1,)


class Flag(Kind):
    """`true` or `false`."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadValue
        return value

    def samples(self, rank: int) -> tuple[Any, ...]:
        return True, False


class FlagOrNumber(Kind):
    """`true`, `false`, or the number to start from."""

    @property
    def allowed(self) -> str:
        return "true, false, or the number it starts from"

    def accept(self, value: Any) -> bool | float:
        return value if isinstance(value, bool) else decimal(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return False, True, 0.5


class Real(Kind):
    """A number between two bounds; a bound counts unless it is declared open."""

    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False

    @property
    def allowed(self) -> str:
        low = "" if self.minimum is None else f"{'above' if self.open_minimum else 'at least'} {self.minimum:g}"
        high = "" if self.maximum is None else f"{'below' if self.open_maximum else 'at most'} {self.maximum:g}"
        return " ".join(["a number", " and ".join(filter(None, (low, high)))]).strip()

    def accept(self, value: Any) -> float:
        number = decimal(value)
        below = self.minimum is not None and (number <= self.minimum if self.open_minimum else number < self.minimum)
        above = self.maximum is not None and (number >= self.maximum if self.open_maximum else number > self.maximum)
        if below or above:
            raise BadValue
        return number

    def samples(self, rank: int) -> tuple[Any, ...]:
        if self.minimum is None:
            return 0.5, -1.5
        return (self.minimum + 0.5 if self.maximum is None else self.minimum + (self.maximum - self.minimum) / 4,)


class Word(Kind):
    """One of a few option words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return " or ".join(f"`{word}`" for word in self.words)

    @property
    def option_words(self) -> tuple[str, ...]:
        return self.words

    def accept(self, value: Any) -> str:
        if value not in self.words:
            meant = closest(value, self.words) if isinstance(value, str) else None
            raise BadValue(f"did you mean `{meant}`?" if meant else "")
        return str(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return self.words


class RealOrWord(Kind):
    """A number, or one of a few option words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"a number, {Word(self.words).allowed}"

    @property
    def option_words(self) -> tuple[str, ...]:
        return self.words

    def accept(self, value: Any) -> float | str:
        return value if isinstance(value, str) and value in self.words else decimal(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return -1.5, *self.words


class Target(Kind):
    """A volume: a label or `in`; its samples are small, or larger than most."""

    larger: bool = False

    @property
    def allowed(self) -> str:
        return "a label or `in`"

    def accept(self, value: Any) -> Volume:
        if not isinstance(value, Volume):
            raise BadValue
        return value

    def samples(self, rank: int) -> tuple[Any, ...]:
        return (Volume((*(11 if self.larger else 4,) * rank, 3)),)

    @property
    def example(self) -> str:
        return "in"


class Optional(Kind):
    """`none`, or what another kind allows."""

    kind: Kind

    @property
    def allowed(self) -> str:
        return f"{self.kind.allowed}, or none"

    @property
    def option_words(self) -> tuple[str, ...]:
        return self.kind.option_words

    def accept(self, value: Any) -> Any:
        return None if value is None else self.kind.accept(value)

    def samples(self, rank: int) -> tuple[Any, ...]:
        return self.kind.samples(rank)

    @property
    def example(self) -> str:
        return self.kind.example
