"""Text -> tree."""

from __future__ import annotations

from cnndsl import syntax
from cnndsl.errors.base import Problem, Refused, Site
from cnndsl.errors.syntax import NO_REMEDY, Unexpected
from cnndsl.parse.lexer import Token, tokenize
from cnndsl.parse.newlines import significant
from cnndsl.parse.tree import Stuck, grow
from cnndsl.source import Source


def parse(source: Source) -> tuple[syntax.File | None, list[Problem]]:
    """The tree of a source and what is wrong with its syntax."""
    found = tokenize(source.text)
    try:
        return grow(source, (found[index] for index in significant(found)))
    except Stuck as stuck:
        problem = Unexpected(
            Site(stuck.token.span(source)), NO_REMEDY, found=f"`{stuck.token.text}`", expected="something else"
        )
        return None, [problem]
    except Refused as refused:
        return None, [refused.problem]


def tokens(source: Source) -> list[Token]:
    """All tokens of a source, comments included."""
    return tokenize(source.text)
