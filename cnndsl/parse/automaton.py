"""The automaton without values: what could stand at a place, tried without harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
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
    actions, gotos, rules = _machine()
    while True:
        state, below = stack
        action = actions[state].get(kind)
        if action is None:
            return None
        if action >= 0:
            return (action, stack)
        size, origin = rules[~action]
        if size == 1:
            key = (below[0], state, kind)
            if key not in _renamed:
                _renamed[key] = _rename(*key)
            stack = (_renamed[key], below)
            continue
        for _ in range(size):
            stack = stack[1]
        stack = (gotos[stack[0]][origin], stack)


@cache
def _machine() -> tuple[Sequence[dict[str, int]], Sequence[dict[str, int]], list[tuple[int, str]]]:
    """Actions and gotos by state, and of each rule how many symbols it takes and what it makes of them."""
    grammar = table()
    return grammar.actions, grammar.gotos, [(rule.size, rule.origin) for rule in grammar.rules]


_renamed: dict[tuple[int, int, str], int] = {}


def _rename(below: int, state: int, kind: str) -> int:
    """The state on top after all rules of one symbol, of which a value takes a dozen."""
    actions, gotos, rules = _machine()
    while True:
        action = actions[state].get(kind, 0)
        if action >= 0 or rules[~action][0] != 1:
            return state
        state = gotos[below][rules[~action][1]]


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
