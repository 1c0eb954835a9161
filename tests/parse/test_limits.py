"""Texts made to hurt: bounded in depth, size and messages, and read in time that grows no faster than they do."""

from __future__ import annotations

import time

import pytest

from cnndsl import syntax
from cnndsl.errors.base import Problem
from cnndsl.parse import parse
from cnndsl.parse.newlines import MAX_DEPTH
from cnndsl.source import Source
from tests.parse.breakages import PROGRAMS

MANY = 10_000


def read(text: str) -> tuple[syntax.File | None, list[Problem]]:
    return parse(Source("limit.cnn", text))


@pytest.mark.parametrize(
    "text",
    [
        "let x = " + "(" * MANY + "1" + ")" * MANY,
        "let x = " + "(" * MANY,
        "let x = " + "[" * MANY + "]" * MANY,
        "let x = " + "f(" * MANY + ")" * MANY,
        "let x = " + "-" * MANY + "1",
        "let x = " + "not " * MANY + "true",
        "let x = " + "1 + " * MANY + "1",
        "let x = " + "2 ** " * MANY + "2",
        "let x = a" + ".b" * MANY,
        "let x = a" + "()" * MANY,
        "let x = " + "1 if a else " * MANY + "2",
        "net A {" + "{" * MANY + "}" * MANY + "}",
        "net A {\n" + "{\n" * MANY,
        "net A { if a { }" + " else if a { }" * MANY + " }",
    ],
    ids=lambda text: text[:14].strip(),
)
def test_deep_nesting_is_one_clear_error(text: str):
    file, problems = read(text)
    assert file is None
    assert [problem.code for problem in problems] == ["E112"]


def test_what_is_nested_as_deep_as_allowed_can_be_walked():
    depth = MAX_DEPTH - 5
    file, problems = read("let x = " + "(" * depth + "1" + ")" * depth + "\nlet y = " + "1 + " * depth + "1")
    assert problems == []
    assert syntax.same_tree(file, file)
    assert repr(file)
    assert hash(file.items[1].value) == hash(file.items[1].value)


def test_length_is_not_depth():
    text = "net A { input 3" + " -> relu" * MANY + " }\nlet x = [" + "1, " * MANY + "]"
    file, problems = read(text)
    assert problems == []
    assert len(file.items[0].body.statements[0].stages) == MANY
    assert len(file.items[1].value.items) == MANY


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 5000 + "x3", "3x" + "1" * 301, "1e999", "1" * 400 + ".0"])
def test_numbers_beyond_sense_are_errors(text: str):
    file, problems = read(f"let x = {text}")
    assert [problem.code for problem in problems] == ["E109"]
    assert len(file.items) == 1


@pytest.mark.parametrize("text", ["9" * 300, "0" * 300, "1" * 300 + "x3", "1." + "3" * 5000, "1e308", "1e-999"])
def test_large_numbers_are_fine(text: str):
    assert read(f"let x = {text}")[1] == []


@pytest.mark.parametrize("unit", ["$ ", "é ", "→ ", "1_ ", "'a' "])
def test_messages_stop_at_a_hundred(unit: str):
    _, problems = read(unit * 1000)
    assert 1 <= len(problems) <= 101
    if len(problems) > 1:
        assert [problem.code for problem in problems[99:]] == [problems[0].code, "E115"]


def test_a_hundred_mistakes_are_all_reported():
    lines = "    conv(3 5)\n" * 100
    _, problems = read("net A {\n" + lines + "}\n")
    assert len(problems) == 100
    assert {problem.code for problem in problems} == {"E102"}
    _, problems = read("net A {\n" + lines * 2 + "}\n")
    assert [problem.code for problem in problems[99:]] == ["E102", "E115"]


HURTFUL = [")", "$", "$ ", "é ", "→ ", "\u00a0", '"', "'", "/*", "1x", "?", "1.", "1_ ", "a ", "a\n", "{", "(\n"]
HURTFUL += [
    "// a\n",
    "|",
    "!",
    "-",
    "--",
    "=",
    ";",
    "#",
    "##\n",
    "\n",
    "}\n",
    "net A {\n",
    "-> ",
    "if a {",
    "\\",
    "\x00",
]


@pytest.mark.parametrize("unit", HURTFUL, ids=ascii)
def test_time_grows_no_faster_than_the_text(unit: str):
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        read(text)
        return time.process_time() - start

    short, long = seconds(8_000), seconds(64_000)
    assert long < 25 * short + 0.5, f"{short:.3f} s for 8,000 characters, {long:.3f} s for 64,000"


def test_thousands_of_lines_are_read_in_a_second():
    """The aim is 5,000 lines a second; a loaded machine gets a margin."""
    text = "".join(path.read_text(encoding="utf-8") + "\n" for path in PROGRAMS) * 10

    def rate() -> float:
        start = time.process_time()
        assert read(text)[1] == []
        return text.count("\n") / (time.process_time() - start)

    assert max(rate() for _ in range(3)) > 2500
