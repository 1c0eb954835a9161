"""Tokens that no program has -> tokens that programs have, each with its message.

Only a text that cannot be read as it is comes here: none of these tokens can stand anywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import StrayCharacter, UnclosedString
from cnndsl.errors.syntax import Remedy
from cnndsl.parse.foreign import CHARACTERS
from cnndsl.parse.lexer import COMMENT, FOREIGN, NAME, NUMBER, STRAY, STRING, UNCLOSED, Token
from cnndsl.parse.lookalikes import Respelled
from cnndsl.parse.numbers import malformed
from cnndsl.parse.scene import MAX_ERRORS
from cnndsl.parse.table import table
from cnndsl.source import Source, Span

MAX_EDITS = 1000
"""The invisible characters that one repair replaces."""


class Cleaning:
    """The tokens of a source without those that cannot stand anywhere.

    `unsure` are the lines on which something was left out or guessed, so that another mistake found
    there may only follow from it.
    """

    def __init__(self, source: Source, raw: Sequence[Token]) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self.unsure: set[int] = set()
        self._words: set[str] = set()
        if any(token.kind == STRAY for token in raw):
            raw = self._respelled(raw)
        at = 0
        while at < len(raw) and len(self.problems) <= MAX_ERRORS:
            at = self._clean(raw, at)

    def _clean(self, raw: Sequence[Token], at: int) -> int:
        """Takes the next token, or the several that were meant as one, and gives the position behind."""
        token = raw[at]
        length = _word(raw, at) if token.text[:1].isalnum() else 0
        if length:
            text = "".join(part.text for part in raw[at : at + length])
            meant = Token(NAME, token.start, raw[at + length - 1].end, text)
            self._foreign_letters(meant)
        elif token.kind == STRAY:
            length = 1
            while raw[at + length].kind == STRAY and raw[at + length].start == raw[at + length - 1].end:
                length += 1
            self._stray(Token(STRAY, token.start, raw[at + length - 1].end, token.text))
            return at + length
        elif token.kind == UNCLOSED:
            length, meant = 1, Token(STRING, token.start, token.end, token.text + '"')
            self._unclosed(token)
        elif found := malformed(self.source, self.tokens, raw, at):
            length, meant, problem = found
            self._report(problem, meant)
        else:
            length, meant = 1, token
        self.tokens.append(meant)
        return at + length

    def _report(self, problem: Problem, token: Token) -> None:
        self.problems.append(problem)
        self.unsure.add(token.span(self.source).position[0])

    def _respelled(self, raw: Sequence[Token]) -> Sequence[Token]:
        """Look-alikes replaced: one message for each token that has some, one for all invisible ones."""
        text = self.source.text
        respelled = Respelled(text, raw)
        for token, first in respelled.touched[: MAX_ERRORS + 1]:
            if token.kind in (STRAY, FOREIGN, UNCLOSED, COMMENT):
                continue
            span = token.span(self.source)
            fix = Fix(f"write `{token.text}`", (Edit(span, token.text),), safe=True)
            self.problems.append(
                StrayCharacter(Site(span), Remedy(fix), what=_described(text[first]), why=f"here it is `{token.text}`")
            )
        if respelled.loose:
            spans = [Span(self.source, at, at + 1) for at in respelled.loose[:MAX_EDITS]]
            edits = tuple(Edit(span, " " if span.text.isspace() else "") for span in spans)
            more = f", and the file has {len(respelled.loose):,} such characters" if len(spans) > 1 else ""
            fix = Fix("replace it by a space" if edits[0].text else "remove it", edits, safe=True)
            what = _described(text[spans[0].start])
            self.problems.append(StrayCharacter(Site(spans[0]), Remedy(fix), what=what, why=f"cannot be seen{more}"))
        return respelled.tokens

    def _stray(self, token: Token) -> None:
        span = token.span(self.source)
        advice = CHARACTERS.get(token.text, "")
        fix = Fix(f"remove `{span.text}`", (Edit(span, ""),)) if len(span.text) <= 40 else None
        self._report(StrayCharacter(Site(span), Remedy(fix, advice), what=_described(span.text[0])), token)

    def _foreign_letters(self, token: Token) -> None:
        """A name with letters beyond ASCII: reported where it stands first, read as the name that it is."""
        if token.text in self._words:
            return
        self._words.add(token.text)
        first = next(character for character in token.text if not character.isascii())
        ascii_only = unicodedata.normalize("NFKD", token.text).encode("ascii", "ignore").decode()
        advice = f"call it `{ascii_only}`, for instance" if len(ascii_only) == len(token.text) else ""
        why = "names are made of a-z, A-Z, 0-9 and `_`"
        problem = StrayCharacter(Site(token.span(self.source)), Remedy(None, advice), what=_described(first), why=why)
        self.problems.append(problem)

    def _unclosed(self, token: Token) -> None:
        span = token.span(self.source)
        fix = Fix('add `"` here', (Edit(span.after(), '"'),))
        self._report(UnclosedString(Site(span), Remedy(fix)), token)


def _word(raw: Sequence[Token], at: int) -> int:
    """How many tokens from `at` on are one word with letters beyond ASCII; 0 if they are none."""
    kinds = (NAME, NUMBER, *table().words.values())
    end = at
    while (raw[end].kind in kinds or _letters(raw[end])) and (end == at or raw[end].start == raw[end - 1].end):
        end += 1
    return end - at if any(_letters(token) for token in raw[at:end]) else 0


def _letters(token: Token) -> bool:
    return token.kind == STRAY and token.text[0].isalnum()


def _described(character: str) -> str:
    """A character with its code and name, unless it is plain."""
    if character.isascii() and character.isprintable():
        return f"`{character}`"
    name = unicodedata.name(character, "a control character")
    shown = f"`{character}` " if character.isprintable() and not character.isspace() else ""
    return f"{shown}(U+{ord(character):04X}, {name.lower()})" if shown else f"U+{ord(character):04X} ({name.lower()})"
