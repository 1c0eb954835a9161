"""Syntax errors and other mistakes in one run."""

from __future__ import annotations

from tests.elaborate.helpers import codes


def test_a_syntax_error_does_not_hide_slips_on_other_lines() -> None:
    text = """net A {
        input 28x28x1
        conv(6, 5 -> relu
        convv(6, 3)
        conv(6, kernal=3)
        maxpool(2, stride=0)
        softmaxx
    }"""
    found = codes(text)
    assert found[0].startswith("E1")
    assert found[1:] == ["E201", "E202", "E220", "E201"]


def test_what_a_missing_line_may_cause_is_not_said_beside_a_syntax_error() -> None:
    # `a` may be what the broken line was to define, and its volume what the kernel would fit
    text = """net A {
        input 4x4x1
        a: upsample 2 (
        conv(6, 9)
        add { a | id }
    }"""
    assert all(code.startswith("E1") for code in codes(text))
