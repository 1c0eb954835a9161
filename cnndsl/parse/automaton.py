"""The automaton without values: what could stand at a place, tried without harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnndsl.parse.lexer import Token
from cnndsl.parse.newlines import CLOSERS, OPENERS, START, significant
from cnndsl.parse.table import table

Linked = tuple[Any, Any]
"""A stack that shares what lies below: (top, the rest), the empty one is (). Keeping one costs nothing."""

EMPTY: Any = ()


class Place(NamedTuple):
    """A point between two tokens: the automaton's stack, the open brackets, what stands before and what comes next.

    `previous` is the kind of the token before and `offset` its end in the text; the raw token at
    position `at` comes next.
    """

    stack: Linked
    opened: Linked
    previous: str
    offset: int
    at: int

    @classmethod
    def start(cls) -> Place:
        return cls((table().start, EMPTY), EMPTY, START, 0, 0)

    def feed(self, token: Token, at: int) -> Place | None:
        """The place behind a token, with the raw token at `at` coming next; None if the token cannot stand here."""
        stack = shift(self.stack, token.kind)
        if stack is None:
            return None
        opened = self.opened
        if token.kind in OPENERS:
            opened = (token, opened)
        elif token.kind in CLOSERS and opened:
            opened = opened[1]
        return Place(stack, opened, token.kind, token.end, at)

    def following(self, raw: Sequence[Token]) -> Iterator[int]:
        """The positions of the tokens that come next, new lines filtered as this place demands."""
        return significant(raw, self.at, self.previous, [token.kind for token in self.brackets()])

    def brackets(self) -> list[Token]:
        """The brackets and braces that are open, the innermost last."""
        found, rest = [], self.opened
        while rest:
            found.append(rest[0])
            rest = rest[1]
        return found[::-1]

    def accepted(self) -> list[str]:
        """The kinds of token that can stand here."""
        return [kind for kind in table().actions[self.stack[0]] if shift(self.stack, kind)]


def shift(stack: Linked, kind: str) -> Linked | None:
    """The stack after a token of that kind; None if it cannot stand there."""
    actions, gotos, rules = table().actions, table().gotos, table().rules
    while True:
        action = actions[stack[0]].get(kind)
        if action is None:
            return None
        if action >= 0:
            return (action, stack)
        rule = rules[~action]
        for _ in range(rule.size):
            stack = stack[1]
        stack = (gotos[stack[0]][rule.origin], stack)


def reach(place: Place, raw: Sequence[Token], beyond: int, enough: int) -> int:
    """How many tokens behind position `beyond` can be read from a place, at most `enough`, which the end gives too."""
    count, stack = 0, place.stack
    for index in place.following(raw):
        following = shift(stack, raw[index].kind)
        if following is None:
            return count
        stack = following
        count += index > beyond
        if count == enough:
            break
    return enough
