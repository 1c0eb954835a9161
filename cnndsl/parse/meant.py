"""Tokens read as others: what repairs of known mistakes share."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.errors.base import Problem
from cnndsl.parse.automaton import Place
from cnndsl.parse.lexer import COMMENT, END, NEWLINE, Token
from cnndsl.parse.newlines import START
from cnndsl.parse.scene import Repair, Scene, Step

Placed = tuple[Token, int]
"""A token with its position among the raw ones, -1 for one that is put in."""

BEGINNINGS = (NEWLINE, "LBRACE", "VBAR", START)
"""Behind what a statement begins."""

STARTS = (*BEGINNINGS, "ARROW", "COLON")
"""Behind what a stage begins."""

ENDS = ("ARROW", NEWLINE, "RBRACE", "VBAR", END, COMMENT)
"""What can follow a stage."""


def sign(kind: str, at: int, text: str) -> Placed:
    """A sign put in at an offset."""
    return Token(kind, at, at, text), -1


def listed(tokens: Sequence[Placed], kind: str, text: str) -> list[Placed]:
    """Tokens with a sign between each two."""
    found = list(tokens[:1])
    for token, at in tokens[1:]:
        found += [sign(kind, token.start, text), (token, at)]
    return found


def fed(place: Place, tokens: Sequence[Placed]) -> tuple[list[Step], Place] | None:
    """Tokens read at a place, each with its position among the raw ones or -1; None if one cannot stand there."""
    steps: list[Step] = []
    for token, at in tokens:
        after = place.feed(token, place.at if at < 0 else at + 1)
        if after is None:
            return None
        steps.append(Step(place, token, at))
        place = after
    return steps, place


def read_as(keep: int, place: Place, tokens: Sequence[Placed], at: int, problem: Problem) -> Repair | None:
    """The steps from `keep` on and the raw tokens up to `at` read as others; None if these cannot stand."""
    read = fed(place, tokens)
    return read and Repair(0, keep, tuple(read[0]), read[1]._replace(at=at), lambda: problem)


def line_end(scene: Scene, offset: int) -> int:
    """Where the line of an offset ends."""
    end = scene.source.text.find("\n", offset)
    return len(scene.source.text) if end < 0 else end
