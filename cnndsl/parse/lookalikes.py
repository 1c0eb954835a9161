"""Typographic characters, read as the signs that they look like."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from cnndsl.parse.lexer import STRAY, Token, tokenize

_LOOK_LIKE = {
    "->": "→⟶➔➜➝➞⇒⟹",
    "<=": "≤⩽≦",
    ">=": "≥⩾≧",
    "!=": "≠",
    "..": "…‥",
    "-": "‐‑‒–—―−﹣",
    "*": "∗⋅·∙•✕✖",
    "/": "÷∕⁄",
    '"': "“”„‟″«»",
    "'": "‘’‛′`´",
    ",": "、‚",
    ".": "。",
    "|": "│┃❘∣",
    ":": "∶",
    "": "\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "\n": "\x85\u2028\u2029",
}
_SIGNS = {character: sign for sign, characters in _LOOK_LIKE.items() for character in characters}


def plain(text: str, at: int) -> str | None:
    """The ASCII that a character was probably typed for; None if it looks like nothing."""
    character = text[at]
    if character == "×":
        between = text[at - 1 : at] + text[at + 1 : at + 2]
        return "x" if len(between) == 2 and all(side.isdigit() or side == "?" for side in between) else "*"
    if character in _SIGNS:
        return _SIGNS[character]
    if "\uff01" <= character <= "\uff5e":  # the full-width forms of ASCII
        return chr(ord(character) - 0xFEE0)
    if character.isspace():
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return None


class Respelled:
    """The tokens of a text with its look-alikes replaced, at their places in the text as it is.

    `touched` are those that have a look-alike in them, with the place of the first, `loose` the places
    of look-alikes outside of tokens: spaces that are none, and characters without width.
    """

    def __init__(self, text: str, raw: Sequence[Token]) -> None:
        new, changed = self._respell(text, raw)
        origins = self._origins
        self.tokens: list[Token] = []
        self.touched: list[tuple[Token, int]] = []
        free = set(changed)
        for kind, start, end, spelled in tokenize(new):
            token = Token(kind, origins[start], origins[end - 1] + 1 if end > start else origins[start], spelled)
            self.tokens.append(token)
            inside = changed[bisect_left(changed, token.start) : bisect_left(changed, token.end)]
            if inside:
                self.touched.append((token, inside[0]))
                free.difference_update(inside)
        self.loose = sorted(free)

    def _respell(self, text: str, raw: Sequence[Token]) -> tuple[str, list[int]]:
        """The text in ASCII as far as possible, and the offsets of what was replaced."""
        parts: list[str] = []
        changed: list[int] = []
        self._origins: list[int] = []
        at = 0
        for offset in (offset for token in raw if token.kind == STRAY for offset in range(token.start, token.end)):
            sign = plain(text, offset)
            if sign is not None:
                parts += text[at:offset], sign
                self._origins += [*range(at, offset), *[offset] * len(sign)]
                changed.append(offset)
                at = offset + 1
        self._origins += range(at, len(text) + 1)
        return "".join([*parts, text[at:]]), changed
