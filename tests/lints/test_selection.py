"""Which lints run: `select`, `ignore` and `error`, the more exact word before the others."""

from __future__ import annotations

import pytest

from cnndsl.diagnostic import CnnError, Severity
from cnndsl.lints import defaults, every_lint, lint, lints
from cnndsl.lints._selection import Wish, rules_of
from cnndsl.net import loads

A, B = "W201", "W202"  # unused_output, input_without_channels


def chosen(*levels: str) -> dict[str, str]:
    """Severities by code; a level is written `-W2 +W201 !all`."""
    verbs = {"+": "select", "-": "ignore", "!": "error"}
    wishes = [[Wish(verbs[word[0]], word[1:], "option") for word in level.split()] for level in levels]
    return {rule.code: str(severity) for rule, severity in rules_of(*wishes).items()}


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((), {A: "warning", B: "warning"}),
        (("-W201",), {B: "warning"}),
        (("-unused_output",), {B: "warning"}),
        (("-W2",), {}),
        (("-defects",), {}),
        (("-all",), {}),
        (("-all +W201",), {A: "warning"}),
        (("+W201 -all",), {A: "warning"}),
        (("-W2 +unused_output",), {A: "warning"}),
        (("-W20 +W2",), {}),
        (("-W2 +W20",), {A: "warning", B: "warning"}),
        (("-defects +W2",), {A: "warning", B: "warning"}),
        (("+W201 -W201",), {B: "warning"}),
        (("!W201",), {A: "error", B: "warning"}),
        (("!all",), {A: "error", B: "error"}),
        (("!all -W202",), {A: "error"}),
        (("!W201 -W201",), {B: "warning"}),
        (("-W201", "+all"), {A: "warning", B: "warning"}),
        (("!W201", "+all"), {A: "error", B: "warning"}),
        (("!W201", "-all"), {}),
        (("!W201", "-all +W202"), {B: "warning"}),
    ],
)
def test_the_more_exact_word_counts_and_the_later_level(levels: tuple[str, ...], expected: dict[str, str]) -> None:
    found = chosen(*levels)
    assert {code: found[code] for code in (A, B) if code in found} == expected


def test_by_default_defects_run_and_nothing_else() -> None:
    assert rules_of() == defaults() == dict.fromkeys(lints(), Severity.WARNING)


def test_all_selects_all() -> None:
    assert set(chosen("+all")) == {rule.code for rule in every_lint()}


@pytest.mark.parametrize("word", ["W9", "w201", "unused", "", "E301", "W2011"])
def test_a_word_for_no_lint_is_refused(word: str) -> None:
    with pytest.raises(CnnError) as refused:
        rules_of([Wish("select", word, "--select")])
    assert refused.value.diagnostics[0].code == "E080"


def test_a_lint_that_runs_says_what_it_finds_with_the_severity_it_was_given() -> None:
    net = loads("net N { input 28x28 ; a: conv(2, 3) ; conv(2, 3) ; a -> relu }")
    rules = {rule: Severity.ERROR for rule in lints() if rule.code == A}
    assert [(item.code, item.severity) for item in lint(net.graph, rules)] == [(A, Severity.ERROR)]
