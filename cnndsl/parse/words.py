"""Tokens in words: what was found, and what could stand at a place."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.parse.lexer import END, NAME, NEWLINE, NUMBER, SIZE, STRING, Token
from cnndsl.parse.table import table

LONGEST = 40
"""The characters of a token that are shown in a message."""

_KINDS = {NAME: "a name", NUMBER: "a number", SIZE: "a size", STRING: "a string", NEWLINE: "a new line"}
_SAMPLES = {"SIGN": "+", "DIVIDE": "/", "COMPARISON": "=="}
_VALUES = {NAME, NUMBER, SIZE, STRING, "TRUE", "FALSE", "NONE", "IN", "LPAR", "LSQB", "SIGN", "NOT"}
_STAGES = {NAME, "IN", "LPAR", "LSQB", "LBRACE", "IF"}
_STATEMENTS = {*_STAGES, "LET", "FOR", "INPUT", "OUTPUT", "ASSERT"}
_DEFINITIONS = {"NET", "BLOCK", "FN", "LET", "FROM"}
_OPERATORS = {"SIGN", "STAR", "DIVIDE", "POWER", "COMPARISON", "AND", "OR", "RANGE", "IF", "DOT", "LPAR", "LSQB"}


def text_of(kind: str) -> str:
    """What a token of a kind looks like, if all of them look alike; an example for operators; else nothing."""
    return table().texts.get(kind) or _SAMPLES.get(kind, "")


def name_of(kind: str) -> str:
    """A kind of token in words: "`)`", "a name"."""
    return _KINDS.get(kind) or f"`{text_of(kind)}`"


def found(token: Token) -> str:
    """A token in words, as what was found."""
    if token.kind == END:
        return "the end of the file"
    if token.kind == NEWLINE:
        return "the end of the line" if token.text == "\n" else "`;`"
    shown = token.text if len(token.text) <= LONGEST else token.text[: LONGEST - 1] + "…"
    prefix = {NAME: "the name ", NUMBER: "the number ", SIZE: "the size ", STRING: "the string "}.get(token.kind, "")
    if token.text in table().words:
        prefix = "the word "
    return f"{prefix}`{shown}`"


def expected(kinds: Iterable[str]) -> str:
    """What can stand at a place, in the words of the language: "a value or `)`"."""
    rest = set(kinds)
    said = []
    if NUMBER in rest:
        said.append("a value")
        rest -= _VALUES
    elif "LET" in rest and "IF" in rest:
        said.append("a statement")
        rest -= _STATEMENTS
    elif "IF" in rest and NAME in rest:
        said.append("a layer")
        rest -= _STAGES
    elif "FROM" in rest:
        said.append("a definition (`net`, `block`, `fn`, `let` or `from`)")
        rest -= _DEFINITIONS
    elif _OPERATORS & rest and len(rest - _OPERATORS - {NEWLINE, END}) == 0 and NEWLINE not in rest:
        said.append("an operator")
        rest -= _OPERATORS
    elif len(rest & _OPERATORS) > 1:
        rest -= _OPERATORS
    closing = [kind for kind in ("ARROW", "COMMA", "RPAR", "RSQB", "RBRACE", NAME) if kind in rest]
    others = sorted(rest - {*closing, NEWLINE, END})
    said += [name_of(kind) for kind in (closing if len(closing) + (NEWLINE in rest) > 1 else closing + others)]
    if NEWLINE in rest:
        said.append("the end of the line")
    elif END in rest and not said:
        said.append("the end of the file")
    return either(said[:5])


def either(words: list[str]) -> str:
    """ "a, b or c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
