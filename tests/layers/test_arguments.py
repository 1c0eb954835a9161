"""Every argument of every layer: what it takes, and that it refuses the rest with words."""

from __future__ import annotations

from typing import Any

import pytest

from cnndsl.layers import kinds
from cnndsl.layers.arguments import BadValue
from cnndsl.layers.axes import Extents, Padding, Size
from cnndsl.layers.input import Input
from cnndsl.layers.scalars import LARGEST, Count, Flag, FlagOrNumber, Optional, Real, Target, Word
from cnndsl.layers.tables import Table
from cnndsl.volume import Volume

OF_ALL = [(kind, name) for kind, cls in kinds().items() for name in cls.arguments] + [("input", "size")]


def declared(kind: str, name: str):
    return (Input if kind == "input" else kinds()[kind]).arguments[name]


@pytest.mark.parametrize("kind, name", OF_ALL)
def test_an_argument_refuses_what_it_cannot_be_and_says_what_it_can(kind, name):
    argument = declared(kind, name)
    assert argument.kind.allowed
    for value in (
        "nonsense",
        object(),
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        2**31 + 1,
        -1,
        -0.5,
        2.5,
        (),
        (1,) * 9,
    ):
        try:
            accepted = argument.kind.accept(value)
        except BadValue:
            continue
        numbers = accepted.numbers if isinstance(accepted, Table) else accepted
        for one in numbers if isinstance(numbers, tuple) else (numbers,):
            assert isinstance(one, int | float) and abs(one) <= 2**31 + 1, f"{value!r} became {accepted!r}"


@pytest.mark.parametrize("kind, name", OF_ALL)
def test_a_default_is_a_value_that_may_be_written(kind, name):
    argument = declared(kind, name)
    if not argument.required and not argument.shown:
        assert argument.kind.accept(argument.default) == argument.default


@pytest.mark.parametrize("kind", kinds())
def test_letters_and_other_peoples_names_are_no_names_of_ours(kind):
    cls = kinds()[kind]
    others = [name for item in cls.arguments.values() for name in (*item.known_as, item.letter) if name]
    assert len(others) == len(set(others))
    assert not set(others) & set(cls.arguments)


def taken(kind: Any, *values: Any) -> list[Any]:
    return [kind.accept(value) for value in values]


def refused(kind: Any, value: Any) -> str:
    with pytest.raises(BadValue) as bad:
        kind.accept(value)
    return bad.value.hint


def test_count():
    assert taken(Count(), 1, 32 * 0.5, LARGEST) == [1, 16, LARGEST]
    assert type(Count().accept(16.0)) is int
    assert Count(0).accept(0) == 0
    assert "round" in refused(Count(), 2.5)
    assert "2**31" in refused(Count(), LARGEST + 1)
    for value in (0, -3, True, None, "3", (3,)):
        refused(Count(), value)


def test_extents():
    assert taken(Extents(), 3, (3, 5), (1, 2, 3)) == [3, (3, 5), (1, 2, 3)]
    for value in ((1, 2, 3, 4), (3, 0), (3, None), 0, "same"):
        refused(Extents(), value)


def test_padding_in_every_form():
    forms = (0, 2, (1, 2), ((1, 2), (0, 3)), ((2, 0),), "same", "valid")
    assert taken(Padding(), *forms) == [0, 2, (1, 2), ((1, 2), (0, 3)), ((2, 0),), "same", 0]
    assert refused(Padding(), "full") == "the words are `same` and `valid`"
    assert refused(Padding(), ((1, 2), 3)) == "give every axis its pair"
    refused(Padding(), ((1, -2), (3, 4)))
    refused(Padding(), -1)


def test_flags():
    assert taken(Flag(), True, False) == [True, False]
    assert taken(FlagOrNumber(), True, False, 1, 0.5) == [True, False, 1.0, 0.5]
    assert type(FlagOrNumber().accept(1)) is float
    for kind, value in ((Flag(), 1), (Flag(), "true"), (FlagOrNumber(), "yes"), (FlagOrNumber(), float("inf"))):
        refused(kind, value)


def test_real_counts_its_bounds_unless_they_are_open():
    assert taken(Real(0, 1, open_maximum=True), 0, 0.5) == [0.0, 0.5]
    refused(Real(0, 1, open_maximum=True), 1)
    assert Real(0, 1).accept(1) == 1.0
    refused(Real(0, open_minimum=True), 0)
    assert Real(0, 1, open_maximum=True).allowed == "a number at least 0 and below 1"
    assert Real(0, open_minimum=True).allowed == "a number above 0"
    assert Real().allowed == "a number"
    assert refused(Real(), 10**400) == refused(Real(), 1e39) == "the largest is 3.40282e+38, that of float32"


def test_size():
    assert taken(Size(), (28, 28, 1), 100, (None, None, 3)) == [(28, 28, 1), (100,), (None, None, 3)]
    for value in ((), (1, 2, 3, 4, 5), (28, 0, 1), "28x28", (28, -1, 1)):
        refused(Size(), value)


def test_words_targets_and_none():
    modes = Word(("nearest", "linear"))
    assert modes.accept("linear") == "linear" and modes.allowed == "`nearest` or `linear`"
    refused(modes, "cubic")
    assert Target().accept(Volume((3,))) == Volume((3,))
    refused(Target(), 3)
    assert taken(Optional(Count()), None, 3) == [None, 3]
    refused(Optional(Count()), 0)
