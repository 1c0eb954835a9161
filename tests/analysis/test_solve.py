"""`cnnc solve` against windows that are laid down one by one."""

from __future__ import annotations

import json
from itertools import islice, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.analysis.formula import Formula, Solution
from cnndsl.analysis.quantities import read
from cnndsl.analysis.solve import SMALL, solve
from cnndsl.cli import main
from cnndsl.errors.base import Refused

LETTERS = ("W2", "W", "F", "S", "P", "D")
FIELDS = ("output", "extent", "kernel", "stride", "pad", "dilation")


def laid(extent: int, kernel: int, stride: int, low: int, high: int, dilation: int) -> tuple[int, bool]:
    """How many windows lie within the padded axis, a stride apart, and whether the last ends at its end."""
    cells = low + extent + high
    ends = [at + dilation * (kernel - 1) + 1 for at in range(0, cells, stride)]
    inside = [end for end in ends if end <= cells]
    return len(inside), bool(inside) and inside[-1] == cells


def answers(text: str) -> tuple[set[tuple[int, ...]], set[tuple[int, ...]]]:
    """The exact and the rounded answers, the first of endless ones, as (W2, W, F, S, lo, hi, D)."""
    found = solve(read(text)).to_dict()["answers"]
    rows = [((r["W2"], r["W"], r["F"], r["S"], *r["P"], r["D"]), r["exact"], r["ceil"]) for r in found]
    return {row for row, exact, _ in rows if exact}, {row for row, exact, ceil in rows if not exact and not ceil}


numbers = st.fixed_dictionaries(
    {
        "extent": st.integers(1, 14),
        "kernel": st.integers(1, 5),
        "stride": st.integers(1, 5),
        "dilation": st.integers(1, 3),
    }
)
MOST = 40


def windows_of(found: Solution) -> dict[tuple[int, int, int, int, int, int], bool]:
    """The answers of the single ways up to MOST, and whether each is exact."""
    shown = {}
    for answer in found.answers:
        exact = {number for family in answer.exact for number in islice(family, 2 * MOST)}
        for number in islice(answer.fitting, 2 * MOST):
            window = answer.way.window(number)
            if number <= MOST:
                key = (window.extent, window.kernel, window.stride, window.low, window.high, window.dilation)
                shown[key] = number in exact
    return shown


@settings(max_examples=150, deadline=None)
@given(numbers, st.integers(0, 4), st.integers(0, 1), st.sampled_from(FIELDS[1:]), st.booleans())
def test_one_open_letter_against_laid_windows(fixed, low, more, opened, with_output) -> None:
    pad = (low, low + more)
    count, _ = laid(fixed["extent"], fixed["kernel"], fixed["stride"], *pad, fixed["dilation"])
    values = {**fixed, "pad": pad, "output": count if with_output else None, opened: None}
    if with_output and count < 1:
        return
    try:
        found = solve(Formula(**values))
    except Refused:
        found = Solution(Formula(**values))
    expected = {}
    for number in range(0 if opened == "pad" else 1, MOST + 1):
        choices = [(number, number), (number, number + 1)] if opened == "pad" else [number]
        for choice in choices:
            tried = {**values, opened: choice}
            key = (tried["extent"], tried["kernel"], tried["stride"], *tried["pad"], tried["dilation"])
            outputs, exact = laid(*key)
            if outputs >= 1 and (not with_output or outputs == count):
                expected[key] = exact
    assert windows_of(found) == expected


@settings(max_examples=60, deadline=None)
@given(numbers, st.integers(0, 2), st.integers(0, 1), st.sampled_from([("S", "P"), ("F", "S"), ("F", "P"), ("W", "F")]))
def test_two_open_letters_give_every_small_pair(fixed, low, more, opened) -> None:
    fixed = {**fixed, "dilation": 1}
    key = (fixed["extent"], fixed["kernel"], fixed["stride"], low, low + more, 1)
    count, _ = laid(*key)
    if count < 1 or low + more >= fixed["kernel"]:
        return
    names = dict(zip(LETTERS, FIELDS))
    left = {names[letter]: None for letter in opened}
    found = solve(Formula(**{**fixed, "pad": (low, low + more), "output": count, **left}))
    pairs = {(w.extent, w.kernel, w.stride, w.low, w.high, 1) for w in found.pairs}
    axes = {
        "W": range(1, 17),
        "F": range(1, SMALL["F"] + 1),
        "S": range(1, SMALL["S"] + 1),
    }
    extents = axes["W"] if "W" in opened else [fixed["extent"]]
    kernels = axes["F"] if "F" in opened else [fixed["kernel"]]
    strides = axes["S"] if "S" in opened else [fixed["stride"]]
    pads = [(p, p + d) for p in range(11) for d in (0, 1)] if "P" in opened else [(low, low + more)]
    expected = {
        (w, f, s, *p, 1)
        for w, f, s, p in product(extents, kernels, strides, pads)
        if max(p) < f and laid(w, f, s, *p, 1)[0] == count
    }
    assert key in pairs or key[2] > SMALL["S"]
    small = {pair for pair in pairs if pair[0] <= 16 and pair[1] <= SMALL["F"] and pair[2] <= SMALL["S"]}
    assert small == expected


@pytest.mark.parametrize(
    ("text", "exact", "rounded"),
    [
        # the worked examples of the textbooks
        ("W=5, F=3, P=1, S=1", {(5, 5, 3, 1, 1, 1, 1)}, set()),
        ("W=5, F=3, P=1, S=2", {(3, 5, 3, 2, 1, 1, 1)}, set()),
        ("W=7, F=3, P=1, S=1", {(7, 7, 3, 1, 1, 1, 1)}, set()),
        ("W=32, F=5, S=1, P=0", {(28, 32, 5, 1, 0, 0, 1)}, set()),
        ("W=227, F=11, S=4, P=0", {(55, 227, 11, 4, 0, 0, 1)}, set()),
        ("W=224, F=2, S=2, P=0", {(112, 224, 2, 2, 0, 0, 1)}, set()),
        ("W=6, F=3, S=2, P=0", set(), {(2, 6, 3, 2, 0, 0, 1)}),
        ("W2=28, W=28, F=5, S=1", {(28, 28, 5, 1, 2, 2, 1)}, set()),
        ("W2=112, W=224, F=3", {(112, 224, 3, 2, 0, 1, 1)}, {(112, 224, 3, 2, 1, 1, 1)}),
    ],
)
def test_worked_examples(text: str, exact: set[tuple[int, ...]], rounded: set[tuple[int, ...]]) -> None:
    assert answers(text) == (exact, rounded)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["solve", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_pool_on_six_cells_gives_two_or_three(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "W=6, F=3, S=2, P=0")
    assert code == 0
    assert "W2 = floor((6 - 3 + 2*0)/2) + 1 = 2" in out
    assert "W2 = ceil((6 - 3 + 2*0)/2) + 1 = 3" in out


def test_every_padding_of_the_issue(capsys: pytest.CaptureFixture[str]) -> None:
    """224 - 5 is odd: no equal padding divides by 2, every one that is one cell longer at the end does."""
    _, out, _ = run(capsys, "W=224, F=5, S=2")
    exact, rounded = out.split("rounded down:")
    assert "P=(1, 2), same  W2 = (224 + 1 + 2 - 1*(5 - 1) - 1)/2 + 1 = 112" in exact
    assert "(P, P+1) with P >= 0" in exact and "P=1 " not in exact
    assert "P=1  W2 = floor((224 - 5 + 2*1)/2) + 1 = 111" in rounded


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("F=4, S=2, P=0", "W = 4 + 2k for k >= 0"),
        ("F=5, S=2, P=0", "W = 5 + 2k for k >= 0"),
        ("W=10, W2=1, F=3, P=0", "and every other S >= 8"),
        ("W2=2, S=100, F=3, P=0", "and every other W = 103 to 202"),
        ("W=9, F=3, S=1", "P >= 0"),
    ],
)
def test_what_is_endless_or_long_is_described(capsys: pytest.CaptureFixture[str], text: str, sentence: str) -> None:
    code, out, _ = run(capsys, text)
    assert code == 0 and f"  {sentence}\n" in out


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "E072", "nothing to solve"),
        ("224", "E072", "`224` does not give a letter a number"),
        ("W=5,, F=3", "E072", "does not give"),
        ("W=5, Q=3", "E070", "has no `Q`"),
        ("w2=5", "E070", "did you mean `W2`?"),
        ("kernl=5", "E070", "did you mean `kernel`?"),
        ("W=five", "E071", "`W` cannot be `five`"),
        ("W=0", "E071", "from 1 to"),
        ("W=-3", "E071", "from 1 to"),
        ("P=(1, 2, 3)", "E071", "a pair"),
        ("W=99999999999999999999", "E071", "2,147,483,647"),
        ("W=3, W=4", "E061", "`W` twice"),
        ("W=224, F=3", "E073", "W2, S and P are open"),
        ("W=224", "E073", "2 more of W2, F, S, P"),
        ("W2=3, W=6, F=3, S=2, P=0", "E330", "given as 3, and the formula makes it 2"),
        ("W=3, F=5, S=1, P=0", "E331", "W2 would be -1"),
        ("W2=5, W=100, F=3, S=1", "E331", "no P makes W2 5"),
    ],
)
def test_what_cannot_be_solved_is_said(capsys: pytest.CaptureFixture[str], text: str, code: str, words: str) -> None:
    status, out, err = run(capsys, text)
    assert status == (2 if code.startswith("E0") else 1)
    assert out == "" and err.startswith(f"error[{code}]") and words in err


def test_a_contradiction_says_what_would_hold(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = run(capsys, "W2=3, W=6, F=3, S=2, P=0")
    assert "it would be 3 with P=1 or F=1 or W=7 or the division rounded up (`ceil=true` of a pool)" in err


def test_letters_may_have_the_names_of_arguments() -> None:
    named = read("W=224, kernel=3, stride=2, pad=same, dilation=1")
    assert named == read("W=224, F=3, S=2, P=same") == read("P = same,S=2 , F=3,W=224,")
    assert read("W=5, D=?").dilation is None and read("W=5").dilation == 1


def test_json_holds_every_answer(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "W2=28, W=28, F=5, S=1", "--json")[1])
    assert found["schema"] == 1 and found["open"] == ["P"]
    answer = {"W2": 28, "W": 28, "F": 5, "S": 1, "P": [2, 2], "D": 1, "exact": True, "ceil": False}
    assert found["answers"] == [answer]


def test_it_fits_forty_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, run(capsys, "W=224, F=5, S=2")[1].splitlines())) <= 40
