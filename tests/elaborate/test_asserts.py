"""`assert`: against Python's own evaluation of the same condition, and against counts made by hand."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl import CnnError, syntax
from cnndsl.format import formatted
from cnndsl.parse import parse
from cnndsl.source import Source

NET = "net N(a = 3, b = 4) {{\n  input 8x8x2\n  assert {condition}\n  conv(a, 3) -> relu -> flatten -> fc(b)\n}}"
#: 3 filters of 3x3x2 and their biases; 4 units on 6x6x3 and theirs
VALUES = {"a": 3, "b": 4, "params": 3 * 18 + 3 + 4 * 108 + 4, "macs": 36 * 54 + 432, "flops": 2 * (36 * 54 + 432)}

numbers = st.one_of(st.sampled_from(sorted(VALUES)), st.integers(0, 3000).map(str))
signs = st.sampled_from(["+", "-", "*", "//", "%"])
sums = st.recursive(numbers, lambda inner: st.builds("({} {} {})".format, inner, signs, inner), max_leaves=4)
orders = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
comparisons = st.builds("{} {} {}".format, sums, orders, sums)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)


def codes(text: str) -> set[str]:
    try:
        return {item.code for item in cnndsl.loads(text).diagnostics}
    except CnnError as error:
        return {item.code for item in error.diagnostics}


@settings(max_examples=200, deadline=None)
@given(conditions)
@example("(a == flops and a == (a // 0))")
@example("(a == 3 or a == (a // 0))")
@example("(params > 0 and a == (a // 0))")
def test_an_assert_holds_where_python_says_so(condition: str) -> None:
    try:
        holds = eval(condition, {}, VALUES)
    except ZeroDivisionError:
        assert codes(NET.format(condition=condition)) == {"E224"}
        return
    found = codes(NET.format(condition=condition))
    assert found == (set() if holds else {"E350"} if re.search("params|macs|flops", condition) else {"E240"})


@given(
    st.integers(0, 10**6),
    st.integers(0, 999),
    st.integers(0, 4),
    st.sampled_from("KMGT"),
    st.sampled_from(["", "B", "i", "iB"]),
)
def test_suffixes_scale_exactly(whole: int, decimals: int, places: int, letter: str, rest: str) -> None:
    digits = f"{whole}.{decimals:03d}"[: -places or None].rstrip(".")
    if rest == "i":
        rest = "iB"
    file, problems = parse(Source("s", f"let v = {digits}{letter}{rest}"))
    assert not problems and file is not None
    (item,) = file.items
    assert isinstance(item, syntax.Let) and isinstance(item.value, syntax.Number)
    exact = Fraction(digits) * (1024 if "i" in rest else 1000) ** ("KMGT".index(letter) + 1)
    if exact.denominator == 1:
        assert item.value.value == exact.numerator and isinstance(item.value.value, int)
    else:
        assert item.value.value == float(exact)
    assert item.value.text == digits + letter + rest


def test_it_says_both_numbers_and_the_difference() -> None:
    with pytest.raises(CnnError) as caught:
        cnndsl.loads('net N { input 28x28x1 ; assert params < 5K, "small" ; flatten ; fc(10) }')
    (said,) = caught.value.diagnostics
    assert (said.code, said.title) == ("E350", "small")
    assert said.labels[0].text == "`params` is 7,850, which is 2,850 more than `5K`"
    assert said.notes == ("most of `params`: fc1 7,850 (100.0 %)",)


def test_a_block_is_asked_in_each_call() -> None:
    text = "block b(g) { assert in.channels % g == 0 ; conv(4, 3) }\nnet N { input 9x9x4 ; b(2) -> b(GROUPS) }"
    assert codes(text.replace("GROUPS", "4")) == set()
    assert codes(text.replace("GROUPS", "3")) == {"E240"}


def test_a_later_let_does_not_change_an_earlier_assert() -> None:
    text = "net N { input 9x9x4 ; let k = 150 ; assert params == k - 2 ; let k = 5 ; conv(k - 1, 3) }"
    assert codes(text) == set()


def test_budgets_of_a_net_are_its_own() -> None:
    """Used as a layer, or only in part, it is not what they speak of; on its own it is."""
    text = "net A { input 9x9x4 ; assert params == 148 ; c: conv(4, 3) }\nnet B { input 9x9x2 ; A(until=c) -> relu }"
    assert codes(text) == set()
    with pytest.raises(CnnError):
        cnndsl.loads(text.replace("148", "149"), net="A")


def test_what_the_values_are_is_set_from_outside() -> None:
    text = "net N(k = 4) { input 9x9x4 ; assert k < 5 ; assert params <= 148 ; conv(k, 3) }"
    assert codes(text) == set()
    with pytest.raises(CnnError, match="`k` is 5, which is not below `5`"):
        cnndsl.loads(text, set={"k": 5})


def test_an_open_size_leaves_it_undecided_until_it_is_given() -> None:
    text = "net N { input ?x9x4 ; assert macs == 49 * 144 ; assert in.height == 9 ; conv(4, 3) }"
    assert codes(text) == {"W290"}
    assert cnndsl.loads(text, input="9x9x4").diagnostics == ()
    with pytest.raises(CnnError):
        cnndsl.loads(text, input="8x9x4")


def test_it_is_formatted() -> None:
    text = 'net N {\ninput 9x9x4\n   assert   params<5M ,"few"  # a note\n  assert (1==1)\nrelu }'
    assert formatted(Source("s", text)) == (
        'net N {\n    input 9x9x4\n    assert params < 5M, "few"  # a note\n    assert 1 == 1\n    relu\n}\n'
    )
