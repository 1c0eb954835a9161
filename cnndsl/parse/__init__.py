"""Text -> tree, several errors in one run."""

from __future__ import annotations

from contextlib import suppress

from cnndsl import syntax
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import TooDeep, TooLong
from cnndsl.parse.lexer import MAX_TOKENS, Token, TooMany, tokenize
from cnndsl.parse.newlines import MAX_DEPTH, TooNested, significant
from cnndsl.parse.tree import Stuck, grow
from cnndsl.source import Source


def parse(source: Source) -> tuple[syntax.File | None, list[Problem]]:
    """The tree of a source and what is wrong with its syntax, in the order of the text.

    Nothing is raised. With problems, the tree holds what could be read, as it was probably meant;
    it is None if there is nothing to go by.
    """
    try:
        raw = tokenize(source.text)
        with suppress(Stuck):
            return grow(source, (raw[index] for index in significant(raw)))
        from cnndsl.parse.mending import mend  # what only a text with mistakes needs

        return mend(source, raw)
    except TooMany as last:
        return None, [TooLong(Site(last.token.span(source)), limit=MAX_TOKENS)]
    except TooNested as bracket:
        return None, [TooDeep(Site(bracket.token.span(source)), limit=MAX_DEPTH)]


def tokens(source: Source) -> list[Token]:
    """All tokens of a source with their places: comments and new lines too, white space not, the end as the last."""
    return tokenize(source.text)
