"""What an argument of a layer may be: each kind checks a value and says what is allowed.

A layer's fields are declared with `argument(kind, default)`; signatures in errors, completion and
the reference are made from these, so the words here are what users read.
"""

from __future__ import annotations

from typing import Any

from cnndsl.record import Record


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

    def samples(self, rank: int) -> tuple[Any, ...]:
        """Some of its values, for a volume with so many spatial axes: what examples show and tests try."""
        raise NotImplementedError

    @property
    def example(self) -> str:
        """A value as it is written, for a volume with height and width."""
        return show_value(self.samples(2)[0])


class Declared(Record):
    """The declaration of one argument: its kind, default, textbook letter and how the default is shown.

    `known_as` are the names that Keras, PyTorch, Caffe and MLX have for it, for "did you mean";
    `sample` is a value that says more of it than the first of its kind's samples.
    """

    kind: Kind
    default: Any
    required: bool
    letter: str
    shown: str
    known_as: tuple[str, ...] = ()
    sample: Any = None

    def samples(self, rank: int) -> tuple[Any, ...]:
        """Some of its values for a volume with so many spatial axes; the first is its example."""
        found = self.kind.samples(rank)
        return found if self.sample is None else (self.sample, *(item for item in found if item != self.sample))

    @property
    def example(self) -> str:
        """A value as it is written, for a volume with height and width."""
        return self.kind.example if self.sample is None else show_value(self.sample)


_REQUIRED: Any = object()


def argument(
    kind: Kind,
    default: Any = _REQUIRED,
    *,
    letter: str = "",
    shown: str = "",
    known_as: tuple[str, ...] = (),
    sample: Any = None,
) -> Any:
    """Declares a field of a layer: `stride: PerAxis = argument(Extents(), 1, letter="S")`.

    `letter` is the textbooks' name for it, accepted too; `shown` replaces the default in
    signatures (`stride=kernel`); `known_as` are other people's names for it; `sample` an example.
    """
    required = default is _REQUIRED
    return Declared(kind, None if required else default, required, letter, shown, known_as, sample)


def show_value(value: Any) -> str:
    """A value as the language writes it: `true`, `none`, `(1, 2)`, `?x4`, `0.5`, `gaussian(1)`."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    if isinstance(value, tuple):
        if None in value:
            return "x".join("?" if item is None else str(item) for item in value)
        inner = ", ".join(map(show_value, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
