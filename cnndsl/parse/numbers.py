"""Digits that are no number and no size, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import MalformedNumber
from cnndsl.errors.syntax import Remedy
from cnndsl.parse.lexer import NAME, NUMBER, SIZE, Token
from cnndsl.source import Source, Span

_NUMERIC = (NUMBER, SIZE)
_RUN = re.compile(r"(?:[\w?]|\.(?!\.))+")
_SPACED_SIZE = re.compile(r"(?:[0-9]+|\?)(?:[ \t]*[xX][ \t]*(?:[0-9]+|\?))+(?![\w?])")


Found = tuple[int, Token, Problem]
"""How many tokens are such digits, the one that was meant, and the message."""


def malformed(source: Source, before: Sequence[Token], raw: Sequence[Token], at: int) -> Found | None:
    """What such digits begin at position `at`; None if there are none."""
    token, after = raw[at], raw[at + 1] if at + 1 < len(raw) else raw[at]
    glued = after.start == token.end
    if token.kind in _NUMERIC:
        spaced = _SPACED_SIZE.match(source.text, token.start)
        if spaced and spaced.end() > token.end:
            return _meant(source, raw, at, spaced.end())
        further = raw[at + 2] if at + 2 < len(raw) else after
        if glued and (after.kind in (NAME, *_NUMERIC) or (after.kind == "DOT" and further.kind != NAME)):
            return _meant(source, raw, at, _RUN.match(source.text, token.start).end())  # type: ignore[union-attr]
    elif token.kind == "DOT" and glued and after.kind in _NUMERIC:
        owner = before[-1] if before else token
        if owner.end != token.start or owner.kind not in (NAME, "IN", "RPAR", "RSQB"):
            return _meant(source, raw, at, _RUN.match(source.text, token.start).end())  # type: ignore[union-attr]
    return None


def _meant(source: Source, raw: Sequence[Token], at: int, end: int) -> Found:
    """The tokens up to an offset read as one number, size or name."""
    start = raw[at].start
    length = next(count for count in range(1, len(raw)) if raw[at + count].start >= end)
    span = Span(source, start, end)
    kind, text, why, written = _guess(span.text)
    if at and raw[at - 1].kind in ("INPUT", "COLON") and re.fullmatch(r"[0-9]+(?:\.[0-9]+){2,3}", span.text):
        text = written = span.text.replace(".", "x")
        kind, why = SIZE, "a size is written with a small x"
    fix = Fix(f"write `{written}`", (Edit(span, written),)) if written else None
    return length, Token(kind, start, end, text), MalformedNumber(Site(span), Remedy(fix), text=span.text, why=why)


def _guess(text: str) -> tuple[str, str, str, str]:
    """The kind and text of the token that was probably meant, what is wrong, and how to write it if that is sure."""
    small = re.sub(r"[ \t]", "", text).lower()
    if re.fullmatch(r"(?:[0-9]+|\?)(?:x(?:[0-9]+|\?))+", small):
        return SIZE, small, "a size is written with a small x and without spaces", small
    if re.fullmatch(r"0[xob][0-9a-f_]+", small):
        return NUMBER, "1", "numbers are written in decimal digits", _decimal(small)
    digits = small.replace("_", "")
    if "_" in small and re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", digits):
        return NUMBER, digits, "a number is written without `_`", digits
    if re.fullmatch(r"\.[0-9]+(?:e[0-9]+)?|[0-9]+\.", small):
        whole = f"0{small}" if small[0] == "." else f"{small}0"
        return NUMBER, whole, "a decimal has digits on both sides of the point", whole
    scaled = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kmgt])(i?)(b?)", small)
    if scaled:
        written = scaled[1] + scaled[2].upper() + scaled[3] + ("B" if scaled[3] or scaled[4] else "")
        return NUMBER, written, "K, M, G and T (thousand, million, …) are written large, as in 5M or 2GB", written
    extents = text.split("x")
    if len(extents) > 1 and all(re.fullmatch(r"[0-9]+|\?|[A-Za-z_]\w*", extent) for extent in extents):
        written = f"({', '.join(extents)})"
        return SIZE, "1x1", "a size with a name in it is a tuple", written
    if text[0].isdigit() and text.replace("_", "").isalnum():
        return NAME, text, "a name begins with a letter or `_`", ""
    return NUMBER, "1", "it is read as neither", ""


def _decimal(text: str) -> str:
    """A number of another base in decimal digits; nothing if it is none."""
    try:
        return str(int(text, 0)) if len(text) < 40 else ""
    except ValueError:
        return ""
