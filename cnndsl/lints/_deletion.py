"""What to delete of a text so that a statement, a stage or a word of a list is gone, and nothing else."""

from __future__ import annotations

import re

from cnndsl.diagnostic import Edit, Fix
from cnndsl.source import Span

#: patterns are compiled when something is to be deleted: a clean check has no use for them
_COMMENT = r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)"
_NEXT = r"[ \t]*;[ \t]*"
_NEXT_LINE = r"[ \t]*\n\s*(?=[^\s}|#])"


def without(title: str, deleted: Span | None, *, safe: bool) -> tuple[Fix, ...]:
    """The repair that deletes a part of the text, if it is known how."""
    return (Fix(title, (Edit(deleted, ""),), safe=safe),) if deleted else ()


def statement(span: Span) -> Span | None:
    """A statement with its line and the comment behind it, or with one of the `;` around it."""
    text = span.source.text
    start = len(text[: span.start].rstrip(" \t"))
    rest = re.compile(_COMMENT).match(text, span.end)
    if rest and (start == 0 or text[start - 1] == "\n"):
        return Span(span.source, start, rest.end())
    opened = text[:start].endswith(("{", "|"))
    following = re.compile(f"{_NEXT}|{_NEXT_LINE}" if opened else _NEXT).match(text, span.end)
    if following:
        return span.replace(end=following.end())
    if text[:start].endswith(";"):
        return span.replace(start=len(text[: start - 1].rstrip(" \t")))
    return None


def with_comma(word: Span) -> Span:
    """A word of a list with the comma behind it, or the last one with the comma before it."""
    text = word.source.text
    behind = re.compile(r"\s*,\s*").match(text, word.end)
    if behind:
        return word.replace(end=behind.end())
    return word.replace(start=len(text[: word.start].rstrip().removesuffix(",")))


def between(start: int, end: int, span: Span) -> Span | None:
    """From one offset to another, unless a comment stands there that would be lost."""
    return None if "#" in span.source.text[start:end] else Span(span.source, start, end)
