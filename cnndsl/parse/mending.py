"""A text with mistakes: what is wrong, and the tree that was probably meant."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl import syntax
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import PositionalAfterNamed, TooManyErrors
from cnndsl.parse.cleaning import Cleaning
from cnndsl.parse.lexer import Token
from cnndsl.parse.recovery import Recovery
from cnndsl.parse.scene import MAX_ERRORS
from cnndsl.parse.tree import grow
from cnndsl.source import Source, Span


def mend(source: Source, raw: Sequence[Token]) -> tuple[syntax.File | None, list[Problem]]:
    """The tree of tokens that cannot be read as they are, and the problems in the order of the text.

    The tree is None where there are too many. A mistake is reported once: not again by what follows
    from it on its line.
    """
    cleaning = Cleaning(source, raw)
    if len(cleaning.problems) > MAX_ERRORS:
        return None, _first(cleaning.problems)
    recovery = Recovery(source, cleaning.tokens, cleaning.unsure)
    meant = recovery.run()
    said = {_place(problem).start for problem in cleaning.problems}
    problems = cleaning.problems + [each for each in recovery.problems if _place(each).start not in said]
    if meant is None:
        return None, _first(problems)
    file, more = grow(source, meant)
    lines = {_place(problem).position[0] for problem in problems}
    problems += [
        each for each in more if not (isinstance(each, PositionalAfterNamed) and _place(each).position[0] in lines)
    ]
    return file, _first(problems)


def _place(problem: Problem) -> Span:
    assert problem.where.span is not None
    return problem.where.span


def _first(problems: list[Problem]) -> list[Problem]:
    """The problems in the order of the text, and no more than anyone would read."""
    found = sorted(problems, key=lambda problem: _place(problem).start)
    if len(found) <= MAX_ERRORS:
        return found
    return [*found[:MAX_ERRORS], TooManyErrors(Site(_place(found[MAX_ERRORS])), limit=MAX_ERRORS)]
