"""Formatting: a source in its one canonical form, comments kept, the tree unchanged."""

from __future__ import annotations

from cnndsl.format.layout import Printer
from cnndsl.parse import parse, tokens
from cnndsl.parse.lexer import COMMENT
from cnndsl.source import Source
from cnndsl.syntax import same_tree

__all__ = ["formatted"]


def formatted(source: Source) -> str:
    """The canonical text of a source: formatting it again changes nothing.

    Raises CnnError with the syntax errors of a source that has any: it is left as it is then.
    """
    from cnndsl.diagnostic import CnnError

    file, problems = parse(source)
    if file is None or problems:
        raise CnnError([problem.diagnostic() for problem in problems])
    comments = [token for token in tokens(source) if token.kind == COMMENT]
    text = Printer(source, comments).file(file)
    # a formatter must never change what a program says: better none than a wrong one
    again, _ = parse(Source(source.name, text))
    kept = [token.text.rstrip() for token in tokens(Source(source.name, text)) if token.kind == COMMENT]
    if not same_tree(file, again) or sorted(kept) != sorted(token.text.rstrip() for token in comments):
        raise AssertionError(f"formatting {source.name} would change it")
    return text
