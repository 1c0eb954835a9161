"""Scene: all that is known where a token cannot stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cnndsl.errors.base import Problem
from cnndsl.parse.automaton import Place
from cnndsl.parse.lexer import NEWLINE, Token
from cnndsl.parse.words import text_of
from cnndsl.source import Source, Span

MAX_ERRORS = 100
"""The messages after which reading stops."""

DEFINITIONS = ("NET", "BLOCK", "FN", "FROM")
"""The words that begin what stands at the top of a file only."""


class Step(NamedTuple):
    """A token that was read: the place before it, and its position among the raw tokens (-1 for one put in)."""

    place: Place
    token: Token
    at: int


class Scene(NamedTuple):
    """The text, what was read of it, and the place where the raw token at `at` cannot stand."""

    source: Source
    raw: Sequence[Token]
    steps: Sequence[Step]
    place: Place
    at: int

    @property
    def token(self) -> Token:
        return self.raw[self.at]

    @property
    def before(self) -> Token | None:
        """The token before, new lines aside."""
        for step in reversed(self.steps):
            if step.token.kind != NEWLINE:
                return step.token
        return None

    @property
    def begins_line(self) -> bool:
        return begins_line(self.source, self.token)

    def definition(self) -> list[Token]:
        """What was read of the net or block in which the token stands, or which ended before it."""
        tokens = [step.token for step in self.steps]
        for position in range(len(tokens) - 1, -1, -1):
            if tokens[position].kind in ("NET", "BLOCK") and not self.steps[position].place.opened:
                return tokens[position:]
        return tokens

    def statement(self) -> int:
        """How many of the steps came before the statement in which the token stands."""
        for position in range(len(self.steps), 0, -1):
            place = self.steps[position].place if position < len(self.steps) else self.place
            inside = not place.opened or place.opened[0].kind == "LBRACE"
            if inside and self.steps[position - 1].token.kind in (NEWLINE, "LBRACE", "VBAR"):
                return position
        return 0

    def opener(self) -> int:
        """Which of the steps opened the innermost bracket that stands open; -1 if none does."""
        innermost = self.place.opened[0] if self.place.opened else None
        steps = range(len(self.steps) - 1, -1, -1)
        return next((position for position in steps if self.steps[position].token is innermost), -1)

    def back(self, keep: int) -> Scene:
        """The scene when only so many of the steps had been read."""
        if keep == len(self.steps):
            return self
        step = self.steps[keep]
        return Scene(self.source, self.raw, self.steps[:keep], step.place, step.at)

    def without_newline(self) -> tuple[int, Place]:
        """How many steps there are, and the place behind them, if a new line that was read last is taken back."""
        keep = len(self.steps)
        if keep and self.steps[-1].token.kind == NEWLINE:
            return keep - 1, self.steps[-1].place
        return keep, self.place

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)


class Repair(NamedTuple):
    """A change: so many of the steps are kept, `fed` are put in, and reading goes on at `place`.

    `cost` says how unlikely it is; `sure` is false where what follows may be wrong only because of it.
    """

    cost: float
    keep: int
    fed: tuple[Step, ...]
    place: Place
    problem: Callable[[], Problem]
    sure: bool = True


def put(place: Place, *kinds: str) -> tuple[list[Step], Place] | None:
    """Tokens of those kinds put in at a place: the steps and the place behind them; None if they cannot stand there."""
    steps: list[Step] = []
    for kind in kinds:
        token = Token(kind, place.offset, place.offset, text_of(kind))
        after = place.feed(token, place.at)
        if after is None:
            return None
        steps.append(Step(place, token, -1))
        place = after
    return steps, place


def indentation(source: Source, token: Token) -> int:
    """The column, from 0, at which the line of a token begins."""
    start = source.text.rfind("\n", 0, token.start) + 1
    line = source.text[start : token.end]
    return len(line) - len(line.lstrip())


def begins_line(source: Source, token: Token) -> bool:
    """Whether only white space stands before a token on its line."""
    start = source.text.rfind("\n", 0, token.start) + 1
    return not source.text[start : token.start].strip()


def same_line(source: Source, one: Token, other: Token) -> bool:
    """Whether two tokens, the first one before the other, stand on one line."""
    return "\n" not in source.text[one.end : other.start]
