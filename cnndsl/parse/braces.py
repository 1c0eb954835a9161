"""Where a brace is missing or one too many, as indentation shows it."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.parse.lexer import NEWLINE, Token
from cnndsl.parse.scene import begins_line, indentation, same_line
from cnndsl.source import Source


def unclosed(source: Source, tokens: Sequence[Token]) -> tuple[Token, Token]:
    """Of the tokens of a definition that lacks a `}`: the brace that stays open, and the last token in it.

    It is the first brace whose closing one begins a line and stands less deep than the line of the
    opening one, since that one belongs to a brace further out. Failing that, the innermost that
    nothing closes.
    """
    opened: list[int] = []
    culprit = -1
    for position, token in enumerate(tokens):
        if token.kind == "LBRACE":
            opened.append(position)
        elif token.kind == "RBRACE" and opened:
            opener = opened.pop()
            if begins_line(source, token) and indentation(source, token) < indentation(source, tokens[opener]):
                culprit = opener
                break
    culprit = opened[-1] if culprit < 0 else culprit
    deep = indentation(source, tokens[culprit])
    last = tokens[culprit]
    for token in tokens[culprit + 1 :]:
        if token.kind == NEWLINE:
            continue
        if begins_line(source, token) and indentation(source, token) <= deep:
            break
        last = token
    return tokens[culprit], last


def fits(source: Source, opener: Token, closer: Token) -> bool:
    """Whether a closing brace stands where indentation has it: on the line of its `{`, or under that line."""
    under = begins_line(source, closer) and indentation(source, closer) == indentation(source, opener)
    return under or same_line(source, opener, closer)


def closes_too_much(source: Source, tokens: Sequence[Token]) -> int:
    """Of the tokens of a definition with a `}` too many: the position of the first that does not fit its `{`, or -1."""
    opened: list[Token] = []
    for position, token in enumerate(tokens):
        if token.kind == "LBRACE":
            opened.append(token)
        elif token.kind == "RBRACE":
            if not opened:
                return position
            if not fits(source, opened.pop(), token):
                return position
    return -1
