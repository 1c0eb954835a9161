"""Text -> tree, several errors in one run."""

from __future__ import annotations

from contextlib import suppress

from cnndsl import syntax
from cnndsl.errors.base import Problem, Refused
from cnndsl.errors.syntax import PositionalAfterNamed
from cnndsl.parse.lexer import Token, tokenize
from cnndsl.parse.newlines import significant
from cnndsl.parse.tree import Stuck, grow
from cnndsl.source import Source


def parse(source: Source) -> tuple[syntax.File | None, list[Problem]]:
    """The tree of a source and what is wrong with its syntax, in the order of the text.

    Nothing is raised. With problems, the tree holds what could be read, as it was probably meant;
    it is None if there is nothing to go by.
    """
    raw = tokenize(source.text)
    try:
        with suppress(Stuck):
            return grow(source, (raw[index] for index in significant(raw)))
        return _mended(source, raw)
    except Refused as refused:
        return None, [refused.problem]


def tokens(source: Source) -> list[Token]:
    """All tokens of a source with their places: comments and new lines too, white space not, the end as the last."""
    return tokenize(source.text)


def _mended(source: Source, raw: list[Token]) -> tuple[syntax.File | None, list[Problem]]:
    """The tree of a text with mistakes: loaded only then."""
    from cnndsl.parse.cleaning import Cleaning
    from cnndsl.parse.recovery import Recovery

    cleaning = Cleaning(source, raw)
    recovery = Recovery(source, cleaning.tokens, cleaning.unsure)
    meant = recovery.run()
    said = {_offset(problem) for problem in cleaning.problems}
    problems = cleaning.problems + [problem for problem in recovery.problems if _offset(problem) not in said]
    if meant is None:
        return None, sorted(problems, key=_offset)
    file, more = grow(source, meant)
    lines = {_line(problem) for problem in problems}
    problems += [p for p in more if not (isinstance(p, PositionalAfterNamed) and _line(p) in lines)]
    return file, sorted(problems, key=_offset)


def _offset(problem: Problem) -> int:
    return problem.where.span.start if problem.where.span else 0


def _line(problem: Problem) -> int:
    return problem.where.span.position[0] if problem.where.span else 0
