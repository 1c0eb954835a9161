"""The name that was probably meant."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.suggest import _distance, closest

LAYERS = ("avgpool", "batchnorm", "concat", "conv", "dropout", "fc", "flatten", "global_avgpool", "lrn", "maxpool")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cnov", "conv"),
        ("con", "conv"),
        ("maxpol", "maxpool"),
        ("MaxPool", "maxpool"),
        ("max_pool", "maxpool"),
        ("Flaten", "flatten"),
        ("fcc", "fc"),
        ("drop", "dropout"),
        ("global", "global_avgpool"),
        ("banana", None),
        ("x", None),
        ("", None),
    ],
)
def test_meant(typed: str, meant: str | None) -> None:
    assert closest(typed, LAYERS) == meant


def test_a_short_name_is_not_replaced_by_any_other_short_name() -> None:
    assert closest("k", ("s", "p", "f")) is None


def test_an_ambiguous_beginning_is_no_answer() -> None:
    assert closest("batch", ("batch_norm_layer", "batch_size_total")) is None


def test_fewer_slips_may_be_asked_for() -> None:
    assert closest("global", ("local",)) == "local"
    assert closest("global", ("local",), slips=1) is None
    assert closest("rleu", ("relu",), slips=1) == "relu"


def test_equal_distances_take_the_first() -> None:
    assert closest("cat", ("bat", "hat")) == "bat"


def by_definition(one: str, other: str) -> int:
    """The recursion that defines the distance."""
    if not one or not other:
        return len(one) + len(other)
    best = min(
        by_definition(one[:-1], other) + 1,
        by_definition(one, other[:-1]) + 1,
        by_definition(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    )
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-2] and one[-2] == other[-1]:
        best = min(best, by_definition(one[:-2], other[:-2]) + 1)
    return best


def test_the_distance_is_the_one_defined() -> None:
    words = ["".join(letters) for n in range(4) for letters in product("ab", repeat=n)]
    for one, other in product(words, words):
        assert _distance(one, other, 99) == by_definition(one, other)


@settings(deadline=None)
@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=6))
def test_the_answer_is_a_candidate_and_an_exact_one_wins(name: str, candidates: list[str]) -> None:
    assert closest(name, candidates) in {None, *candidates}
    if name:
        assert closest(name, [*candidates, name]) == name
