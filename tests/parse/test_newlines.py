"""Which new lines end a statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.parse import parse
from cnndsl.parse.lexer import NEWLINE, tokenize
from cnndsl.parse.newlines import JOINTS, significant
from cnndsl.parse.table import table
from cnndsl.source import Source
from cnndsl.syntax import same_tree
from tests.parse.breakages import PROGRAMS


def ends(text: str) -> int:
    """How many new lines are left of a text."""
    tokens = tokenize(text)
    return sum(tokens[index].kind == NEWLINE for index in significant(tokens))


@pytest.mark.parametrize(
    "text",
    [
        "conv(\n3,\n5\n)",
        "[1,\n2\n]",
        "a\n-> b",
        "a ->\nb",
        "{ a\n| b }",
        "{ a |\n b }",
        "f(a)\n, b",
        "let k =\n3",
        "let k\n= 3",
        "{ a }\n* 2",
        "{ a } *\n2",
        *(f"1 {sign}\n2" for sign in ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", ">=", "and", "or", "..")),
        *(f"1\n{sign} 2" for sign in ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", ">=", "and", "or", "..")),
        "if a { b }\nelse { c }",
        "{\na\n}",
        "\n\na\n\n",
        "# alone\na # behind\n",
        "a -> # why\n# and more\nb",
    ],
)
def test_no_statement_ends_here(text: str):
    assert ends(text) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a\nb", 1),
        ("a;b", 1),
        ("a ; \n ; b", 1),
        ("a\n\n\nb\nc", 2),
        ("a # x\nb", 1),
        ("{ a\nb }\nc", 2),
        ("f(1)\n(2)", 1),
    ],
)
def test_statements_end_here(text: str, count: int):
    assert ends(text) == count


def test_a_semicolon_within_parentheses_is_a_mistake_and_not_a_new_line():
    assert ends("f(1; 2)") == 1
    assert parse(Source("", "let a = f(1; 2)"))[1]


def test_braces_within_unclosed_parentheses_bring_new_lines_back():
    assert ends("f({\na\nb") == 1


def test_every_joint_is_a_kind_of_the_grammar():
    kinds = {name for name, _ in table().patterns} | set(table().texts)
    assert kinds >= JOINTS


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([path.read_text(encoding="utf-8") for path in PROGRAMS]))
def test_more_new_lines_where_there_are_some_change_nothing(random, text: str):
    lines = text.splitlines()
    spread = "".join(line + random.choice(["\n", "\n\n", " \n", "\n# note\n", "\t\n\n"]) for line in lines)
    one, other = parse(Source("", text.replace("##", "#"))), parse(Source("", spread.replace("##", "#")))
    assert not one[1] and not other[1]
    assert same_tree(one[0], other[0])
