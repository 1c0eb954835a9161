"""Table: all that parsing needs of the grammar, as plain data that can be kept in a file."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from cnndsl.parse import store
from cnndsl.record import Record


class Rule(Record):
    """A production `origin -> size symbols` and what is made of its values.

    `parts` are the values to keep: their positions, or -1 for an optional part that is not there.
    `spread` are those positions whose values are lists of parts (Lark's helpers for `*` and `+`).
    `single` is the position of the one value that stands for the rule, or -1.
    """

    origin: str
    size: int
    name: str
    parts: tuple[int, ...]
    spread: tuple[int, ...]
    single: int


class Table(Record):
    """An LALR(1) table and the lexer's patterns.

    `actions[state][kind]` is the next state if the token is shifted, or `~rule` if a rule is
    reduced; `gotos[state][origin]` is the state after a reduced rule. `patterns` are tried in
    order; `words` are the names that are keywords, `texts` what each fixed kind of token looks like.
    """

    start: int
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    patterns: tuple[tuple[str, str], ...]
    words: dict[str, str]
    texts: dict[str, str]


@cache
def table() -> Table:
    """The table of the grammar in this installation: from the user's cache, or built by Lark."""
    # by name: type checkers look for cnndsl/grammar, which on disk is grammar
    text: str = import_module("cnndsl.grammar").text()
    data = store.read(text)
    if data is None:
        from cnndsl.parse.build import build

        data = build(text)
        store.write(text, data)
    return unpack(data)


def unpack(data: tuple[Any, ...]) -> Table:
    """The table from its plain data, as `build` makes it."""
    start, actions, gotos, rules, patterns, words, texts = data
    return Table(start, actions, gotos, tuple(Rule(*rule) for rule in rules), patterns, words, texts)
