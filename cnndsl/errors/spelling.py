"""E106 to E111: characters, numbers and words that are not spelled as the language spells them."""

from __future__ import annotations

from typing import ClassVar

from cnndsl.errors.base import Problem
from cnndsl.errors.syntax import Mendable


class StrayCharacter(Mendable):
    """A character that the language does not use outside strings and comments.

    Programs are written in ASCII: letters without accents, digits, `_`, and the signs
    `-> | : = , . .. ( ) [ ] { } + - * / // % ** == != < <= > >= ? ; #`. Text copied from web pages and
    word processors often has typographic dashes, quotes, crosses or spaces that look like them.
    Strings and comments may have any character.
    """

    code: ClassVar[str] = "E106"
    title: ClassVar[str] = "{what} is not a character of the language"
    label: ClassVar[str] = "{why}"

    what: str
    why: str = "not used outside strings and comments"


class UnclosedString(Mendable):
    """A string has no second quote on its line.

    Strings are written `"…"`, on one line, without escapes.
    """

    code: ClassVar[str] = "E107"
    title: ClassVar[str] = "this string is never closed"
    label: ClassVar[str] = 'a `"` belongs at its end'


class MalformedNumber(Mendable):
    """Digits that are no number and no size.

    Numbers are written `3`, `0.5`, `1e-4`, without `_` and with digits on both sides of the point.
    Sizes are written `28x28x1`, with a small x and no spaces; `?` is an extent that is not fixed. A
    size with a name or a computed value in it is a tuple: `(res, res, 3)`.
    """

    code: ClassVar[str] = "E108"
    title: ClassVar[str] = "`{text}` is neither a number nor a size"
    label: ClassVar[str] = "{why}"

    text: str
    why: str


class NumberTooLarge(Problem):
    """A number beyond what can be computed with.

    A whole number may have 300 digits and a decimal be 1e308. Extents, filters and repeat counts
    stop much earlier, at 2**31.
    """

    code: ClassVar[str] = "E109"
    title: ClassVar[str] = "this number is too large: {what}"
    label: ClassVar[str] = "the limit is {limit}"

    what: str
    limit: str


class WordOfTheLanguage(Mendable):
    """A word of the language is used as a name.

    These words are never names: `net block fn let input output for in if else from import and or
    not true false none assert`. Everything else that is made of letters, digits and `_` may be one.
    """

    code: ClassVar[str] = "E110"
    title: ClassVar[str] = "`{word}` is a word of the language and cannot be a name"
    label: ClassVar[str] = "a name belongs here"

    word: str


class ForeignWord(Mendable):
    """A word or sign of another language, for which this one has its own.

    Layers follow each other with `->`, values are given with `=`, conditions are joined with `and`,
    `or`, `not`, constants are `true`, `false` and `none`, strings stand in double quotes, comments
    begin with `#`, and definitions with `net`, `block` or `fn`.
    """

    code: ClassVar[str] = "E111"
    title: ClassVar[str] = "{found} is not part of the language"
    label: ClassVar[str] = "{instead}"

    found: str
    instead: str
