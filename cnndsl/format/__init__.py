"""Formatting: a source in its one canonical form, comments kept, the tree unchanged."""

from __future__ import annotations

from cnndsl.format.layout import Printer
from cnndsl.parse import parse, tokens
from cnndsl.parse.lexer import COMMENT
from cnndsl.source import Source
from cnndsl.syntax import File, same_tree

__all__ = ["formatted"]


#: a comment that finds a new place may let its old line be joined: the text is printed until it stays as it is
MOST_PASSES = 6


def formatted(source: Source) -> str:
    """The canonical text of a source: formatting it again changes nothing.

    Raises CnnError with the syntax errors of a source that has any: it is left as it is then.
    """
    from cnndsl.diagnostic import CnnError

    file, problems = parse(source)
    if file is None or problems:
        raise CnnError([problem.diagnostic() for problem in problems])
    now, again = source, _printed(source, file)
    for _ in range(MOST_PASSES):
        if again == now.text:
            break
        now = Source(source.name, again)
        tree, _ = parse(now)
        # a formatter must never change what a program says: better none than a wrong one
        if tree is None or not same_tree(file, tree) or _comments(now) != _comments(source):
            raise AssertionError(f"formatting {source.name} would change it")
        again = _printed(now, tree)
    return again


def _printed(source: Source, file: File) -> str:
    return Printer(source, [token for token in tokens(source) if token.kind == COMMENT]).file(file)


def _comments(source: Source) -> list[str]:
    return sorted(token.text.rstrip() for token in tokens(source) if token.kind == COMMENT)
