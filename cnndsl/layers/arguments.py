"""What an argument of a layer may be: each kind checks a value and says what is allowed.

A layer's fields are declared with `argument(kind, default)`; signatures in errors, completion and
the reference are made from these, so the words here are what users read.
"""

from __future__ import annotations

from math import inf
from typing import Any

from cnndsl.record import Record
from cnndsl.volume import Volume

LARGEST = 2**31
LARGEST_FLOAT = (2 - 2**-23) * 2.0**127


class BadValue(Exception):
    """A value that an argument cannot take; `hint` says how to mend it, if that is known."""

    def __init__(self, hint: str = "") -> None:
        super().__init__(hint)
        self.hint = hint


class Kind(Record):
    """A set of values: `accept` gives the canonical form of one or raises BadValue."""

    @property
    def allowed(self) -> str:
        """What may be written, in words that follow "must be"."""
        raise NotImplementedError

    @property
    def option_words(self) -> tuple[str, ...]:
        """The words that may stand for a value, without quotes."""
        return ()

    def accept(self, value: Any) -> Any:
        raise NotImplementedError


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


class Extents(Kind):
    """A whole number for all axes, or one for each (`3x5`, `(3, 5)`)."""

    minimum: int = 1

    @property
    def allowed(self) -> str:
        return f"a whole number of {self.minimum} or more, or one for each axis such as (3, 5)"

    def accept(self, value: Any) -> int | tuple[int, ...]:
        one = Count(self.minimum)
        if isinstance(value, tuple) and 1 <= len(value) <= 3:
            return tuple(one.accept(item) for item in value)
        return one.accept(value)


class Size(Kind):
    """The size of a volume: 1 to 4 extents, None for one that is not fixed."""

    @property
    def allowed(self) -> str:
        return "a size such as 28x28x1: 1 to 4 extents, each a whole number of 1 or more, or `?`"

    def accept(self, value: Any) -> tuple[int | None, ...]:
        extents = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(extents) <= 4:
            raise BadValue("height x width x channels, as 28x28x1; the batch is not written")
        return tuple(None if extent is None else Count().accept(extent) for extent in extents)


class Padding(Kind):
    """A number, one per axis, a (low, high) pair per axis, `valid` or `same`."""

    @property
    def allowed(self) -> str:
        return "a whole number of 0 or more, one for each axis, ((top, bottom), (left, right)), `same` or `valid`"

    @property
    def option_words(self) -> tuple[str, ...]:
        return "same", "valid"

    def accept(self, value: Any) -> Any:
        if value in ("same", "valid"):
            return value if value == "same" else 0
        if isinstance(value, str):
            raise BadValue("the words are `same` and `valid`")
        return Extents(0).accept(value) if not _pairs(value) else tuple(map(self._pair, value))

    def _pair(self, value: Any) -> tuple[int, int]:
        if not isinstance(value, tuple) or len(value) != 2:
            raise BadValue("give every axis its pair")
        return Count(0).accept(value[0]), Count(0).accept(value[1])


def _pairs(value: Any) -> bool:
    return isinstance(value, tuple) and 1 <= len(value) <= 3 and any(isinstance(item, tuple) for item in value)


class Flag(Kind):
    """`true` or `false`."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadValue
        return value


class FlagOrNumber(Kind):
    """`true`, `false`, or the number to start from."""

    @property
    def allowed(self) -> str:
        return "true, false, or the number it starts from"

    def accept(self, value: Any) -> bool | float:
        return value if isinstance(value, bool) else decimal(value)


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
            raise BadValue
        return str(value)


class Target(Kind):
    """A volume: a label or `in`."""

    @property
    def allowed(self) -> str:
        return "a label, or `in`"

    def accept(self, value: Any) -> Volume:
        if not isinstance(value, Volume):
            raise BadValue
        return value


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


class Declared(Record):
    """The declaration of one argument: its kind, default, textbook letter and how the default is shown.

    `known_as` are the names that Keras, PyTorch, Caffe and MLX have for it, for "did you mean".
    """

    kind: Kind
    default: Any
    required: bool
    letter: str
    shown: str
    known_as: tuple[str, ...] = ()


_REQUIRED: Any = object()


def argument(
    kind: Kind, default: Any = _REQUIRED, *, letter: str = "", shown: str = "", known_as: tuple[str, ...] = ()
) -> Any:
    """Declares a field of a layer: `stride: PerAxis = argument(Extents(), 1, letter="S")`.

    `letter` is the textbooks' name for it, accepted too; `shown` replaces the default in
    signatures (`stride=kernel`); `known_as` are other people's names for it.
    """
    required = default is _REQUIRED
    return Declared(kind, None if required else default, required, letter, shown, known_as)
