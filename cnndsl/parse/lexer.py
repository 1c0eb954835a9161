"""Text -> tokens. It fails only for its length: what the language does not know becomes a token of its own kind."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from cnndsl.parse.table import table
from cnndsl.source import Source, Span

NAME, NUMBER, SIZE, STRING = "NAME", "NUMBER", "SIZE", "STRING"
NEWLINE, COMMENT, END = "_NEWLINE", "COMMENT", "$END"

FOREIGN = "FOREIGN"
"""Signs of other languages, which the parser replaces: `=>`, `&&`, `'…'`."""

UNCLOSED = "UNCLOSED"
"""A string without its second quote."""

STRAY = "STRAY"
"""A character, or a word with characters, that the language does not have."""

# Longest first; none of these can occur in a program, whatever stands beside it.
_FOREIGN = (
    r'"""(?:[^"]|"(?!""))*(?:""")?|```\w*|-&gt;|'
    r"/\*(?:[^*]|\*(?!/))*(?:\*/)?|-{2,9}>|=>>?|:=|&&?|\|\||\.\.\.|[-+*/%]=(?!=)|=<|'[^'\r\n]*'|!(?!=)|\^"
)
_UNCLOSED = r'"[^\s"(),;:{}\[\]|]*'
_STRAY = r"\w+|[^\n]"


class Token(NamedTuple):
    """A word or sign of the text: its kind is the name of a terminal of the grammar, or one of those above."""

    kind: str
    start: int
    end: int
    text: str

    def span(self, source: Source) -> Span:
        return Span(source, self.start, self.end)


#: words, signs, comments and line ends of a file
MAX_TOKENS = 250_000


class TooMany(Exception):
    """Raised at the first token that a file may not have any more."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


def tokenize(text: str) -> list[Token]:
    """All tokens of a text, new lines and comments among them, and the end as the last one.

    Raises TooMany beyond MAX_TOKENS.
    """
    words = table().words
    found: list[Token] = []
    for match in _pattern().finditer(text):
        kind = match.lastgroup
        if kind is None:  # white space
            continue
        word = match.group()
        if kind == NAME:
            kind = words.get(word, NAME)
        found.append(Token(kind, match.start(), match.end(), word))
        if len(found) > MAX_TOKENS:
            raise TooMany(found[-1])
    found.append(Token(END, len(text), len(text), ""))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    """One pattern for any token: white space, then what is foreign, then the grammar's own terminals."""
    own = dict(table().patterns)
    space = own.pop("SPACE")
    groups = [(FOREIGN, _FOREIGN), *own.items(), (UNCLOSED, _UNCLOSED), (STRAY, _STRAY)]
    return re.compile("|".join([space, *(f"(?P<{kind}>{pattern})" for kind, pattern in groups)]))
