"""TOML with places: a library reads it and gives none, so keys and mistakes are looked for in the text."""

from __future__ import annotations

import re
from typing import Any

from cnndsl.errors.base import NOWHERE, Site
from cnndsl.source import Source, Span


class Unreadable(Exception):
    """A text that is no TOML: why, and where."""

    def __init__(self, reason: str, where: Site = NOWHERE) -> None:
        super().__init__(reason)
        self.reason, self.where = reason, where


def tables(source: Source) -> dict[str, Any]:
    """What a text holds. Raises Unreadable."""
    import tomllib

    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _placed(source, str(error)) from error
    except RecursionError as error:
        raise Unreadable("it is nested too deep") from error


def _placed(source: Source, reason: str) -> Unreadable:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", reason)
    where = NOWHERE
    if at:
        reason = reason[: at.start()]
        start = source.line_starts[int(at[1]) - 1] + int(at[2]) - 1 if at[1] else len(source.text)
        where = Site(Span(source, start, min(start + 1, len(source.text))))
    return Unreadable(reason[:1].lower() + reason[1:], where)


def key(name: str, source: Source, start: int = 0) -> Site:
    """The place of a key, as far as it is written in the usual way; looked for from `start` on."""
    found = re.compile(rf"""^[ \t]*(["']?){re.escape(name)}\1[ \t]*(?==)""", re.MULTILINE).search(source.text, start)
    if found is None:
        return NOWHERE
    text = found[0]
    begin = found.start() + len(text) - len(text.lstrip())
    return Site(Span(source, begin, found.start() + len(text.rstrip())))
