"""The grammar by itself, and our automaton against Lark's own."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark, Token, Tree, UnexpectedToken

from cnndsl import syntax
from cnndsl.parse import parse
from cnndsl.parse.lexer import COMMENT, END, NAME, NEWLINE, tokenize
from cnndsl.parse.newlines import significant
from cnndsl.parse.table import table
from cnndsl.parse.tree import Stuck, grow
from cnndsl.source import Source
from tests.parse.breakages import PROGRAMS, breakages

GRAMMAR = (Path(__file__).parents[2] / "grammar" / "cnn.lark").read_text(encoding="utf-8")
RESERVED = "net block fn let input output for in if else from import and or not true false none assert"


@pytest.fixture(scope="module")
def lark() -> Lark:
    """Lark itself, which in strict mode refuses conflicts of rules and collisions of terminals."""
    return Lark(GRAMMAR, parser="lalr", lexer="basic", start="file", maybe_placeholders=True, strict=True)


def test_the_words_of_the_language_are_those_of_its_description():
    assert sorted(table().words) == sorted(RESERVED.split())


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_lexer_finds_the_tokens_that_larks_finds(lark: Lark, path: Path):
    text = path.read_text(encoding="utf-8")
    theirs = [(token.type, token.start_pos, str(token)) for token in lark.lex(text)]
    ours = [(token.kind, token.start, token.text) for token in tokenize(text) if token.kind not in (COMMENT, END)]
    assert ours == theirs


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_tree_has_the_nodes_that_larks_has(lark: Lark, path: Path):
    text = path.read_text(encoding="utf-8")
    steps = lark.parse_interactive(start="file")
    for kind, word in kinds(text):
        steps.feed_token(Token(kind, word))
    file, problems = parse(Source(path.name, text))
    assert not problems
    assert list(ours(file)) == list(theirs(steps.feed_eof()))


def test_our_automaton_stops_where_larks_stops(lark: Lark):
    stopped = 0
    for breakage in breakages(seed=7, count=150):
        steps = lark.parse_interactive(start="file")
        read = 0
        try:
            for kind, word in kinds(breakage.text):
                steps.feed_token(Token(kind, word))
                read += 1
            steps.feed_eof()
        except UnexpectedToken:
            stopped += 1
            assert stuck_at(breakage.text) == read, breakage.what
        else:
            assert stuck_at(breakage.text) == -1, breakage.what
    assert stopped > 100


def test_random_words_are_taken_as_far_as_lark_takes_them(lark: Lark):
    random = Random(11)
    choices = [*table().texts.values(), "a", "3", "3x3", '"s"', "\n", "+", "==", "a", "\n"]
    for _ in range(300):
        text = "net a {" + " ".join(random.choice(choices) for _ in range(12)) + "}"
        steps, read = lark.parse_interactive(start="file"), 0
        with pytest.raises(UnexpectedToken):
            for kind, word in [*kinds(text), ("NET", "net"), ("NET", "net")]:
                steps.feed_token(Token(kind, word))
                read += 1
        assert stuck_at(text) in (read, -1)


def kinds(text: str) -> list[tuple[str, str]]:
    tokens = tokenize(text)
    return [(tokens[i].kind, tokens[i].text) for i in significant(tokens) if tokens[i].kind != END]


def stuck_at(text: str) -> int:
    """How many tokens are read before one that cannot stand; -1 if all can."""
    tokens = tokenize(text)
    seen = [tokens[index] for index in significant(tokens)]
    try:
        grow(Source("", text), seen)
    except Stuck as stuck:
        return seen.index(stuck.token)
    return -1


def ours(value: Any) -> Any:
    """The classes of a tree of ours, each before its parts."""
    if isinstance(value, tuple):
        for item in value:
            yield from ours(item)
    elif isinstance(value, syntax.Node):
        yield type(value).__name__
        for field in type(value).fields:
            if field not in ("span", "close", "doc"):
                yield from ours(getattr(value, field))


def theirs(value: Any) -> Any:
    """The same of a tree of Lark's, by the names of its rules."""
    if isinstance(value, Token):
        if value.type == NAME:
            yield "Name"
    elif isinstance(value, Tree):
        name = "".join(part.capitalize() for part in value.data.split("_"))
        if name == "ElseIf":
            yield from ("Body", "Pipeline")
        elif name != "Name" and hasattr(syntax, name):
            yield name
        for child in value.children:
            yield from theirs(child)


def test_a_new_line_is_one_kind_of_token():
    assert [token.kind for token in tokenize("\n;\n")] == [NEWLINE] * 3 + [END]
