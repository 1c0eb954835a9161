"""The new-line filter: of all new lines, those that end a statement; and no comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnndsl.parse.lexer import COMMENT, END, NEWLINE, Token

OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
START = "$START"

MAX_DEPTH = 200
"""How deep a program may be nested: what walks its tree may recurse."""


class TooNested(Exception):
    """A bracket that opens one level too many."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


JOINTS = {"ARROW", "VBAR", "COMMA", "EQUAL", "STAR", "SIGN", "DIVIDE", "POWER", "COMPARISON", "AND", "OR", "RANGE"}
NOT_AFTER = JOINTS | {START, "LBRACE", NEWLINE}
_NOT_BEFORE = JOINTS | {"RBRACE", "ELSE", END}


def significant(
    tokens: Sequence[Token], index: int = 0, previous: str = START, opened: Sequence[str] = ()
) -> Iterator[int]:
    """The positions of the tokens that the grammar sees, from `index` on.

    `previous` is the kind of the token before, `opened` are the kinds of the brackets that are open.
    A `;` inside ( ) or [ ] is not dropped as a new line is there: it can only be a mistake.
    Raises `TooNested` where more than MAX_DEPTH brackets are open.
    """
    brackets = list(opened)
    waiting = -1
    for position in range(index, len(tokens)):
        kind = tokens[position].kind
        if kind == NEWLINE:
            if brackets and brackets[-1] != "LBRACE":
                if tokens[position].text == ";":
                    yield position
            elif waiting < 0 and previous not in NOT_AFTER:
                waiting = position
            continue
        if kind == COMMENT:
            continue
        if waiting >= 0:
            if kind not in _NOT_BEFORE:
                yield waiting
            waiting = -1
        yield position
        previous = kind
        if kind in OPENERS:
            brackets.append(kind)
            if len(brackets) > MAX_DEPTH:
                raise TooNested(tokens[position])
        elif kind in CLOSERS and brackets and brackets[-1] == CLOSERS[kind]:
            brackets.pop()
