"""Where no small change helps: the statement is given up, and reading goes on at the next one that can be read."""

from __future__ import annotations

from functools import partial

from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import NO_REMEDY, Misplaced
from cnndsl.parse.automaton import Place, reach, shift
from cnndsl.parse.foreign import BEGINNINGS
from cnndsl.parse.lexer import COMMENT, END, NAME, NEWLINE
from cnndsl.parse.messages import superfluous, unexpected
from cnndsl.parse.newlines import CLOSERS, START
from cnndsl.parse.scene import DEFINITIONS, Repair, Scene, Step, put
from cnndsl.parse.words import found

NEEDED = 3
"""The tokens of the next line that must be readable, unless it begins with one of these."""

LOOK = 100
"""How many tokens are searched for the beginning of the next line: there may be empty lines and comments."""

_BEGINNINGS = ("LET", "FOR", "IF", "INPUT", "OUTPUT", "ASSERT")


def skip(scene: Scene, start: int) -> Repair:
    """Gives up the statement, and the raw tokens from `start` on to where something can be read again."""
    keep, place = _before_statement(scene)
    outside = not place.opened
    problem = partial(_problem, scene, outside)
    deep, index = 0, start
    for index in range(start, len(scene.raw)):
        kind = scene.raw[index].kind
        if kind == END:
            break
        if kind == "LBRACE":
            entered = None if deep else _enter(scene, place, index)
            if entered:
                return Repair(0, keep, tuple(entered[0]), entered[1], problem, False)
            deep += 1
        elif kind == "RBRACE" and deep:
            deep -= 1
        elif deep or (outside and kind != NEWLINE):
            continue
        elif kind in ("RBRACE", "VBAR") or (kind == NEWLINE and _goes_on(scene, place, index)):
            stub = None if kind == NEWLINE or shift(place.stack, kind) else put(place, NAME)
            fed, there = stub or ([], place)
            if kind == NEWLINE or shift(there.stack, kind):
                return Repair(0, keep, tuple(fed), there._replace(at=index), problem, False)
    return Repair(0, keep, (), place._replace(at=index), problem, False)


def _before_statement(scene: Scene) -> tuple[int, Place]:
    """How many steps came before the statement and the new line before it, and the place behind them."""
    keep = scene.statement()
    if keep and scene.steps[keep - 1].token.kind == NEWLINE:
        keep -= 1
    return keep, scene.steps[keep].place if keep < len(scene.steps) else scene.place


def _enter(scene: Scene, place: Place, index: int) -> tuple[list[Step], Place] | None:
    """The braces at `index` read as a group, at the top of a file as a net without a name."""
    newline = () if place.previous in (START, "LBRACE", "VBAR") else (NEWLINE,)
    head = put(place, *newline, *(() if place.opened else ("NET", NAME)))
    if head is None:
        return None
    steps, before = head
    after = before.feed(scene.raw[index], index + 1)
    return after and ([*steps, Step(before, scene.raw[index], index)], after)


def _goes_on(scene: Scene, place: Place, index: int) -> bool:
    """Whether reading can go on behind the new line at `index`: something can be read, or a statement begins there."""
    following = [token for token in scene.raw[index : index + LOOK] if token.kind not in (NEWLINE, COMMENT)]
    if not following:
        return False
    kind = following[0].kind
    if not place.opened:
        likely = kind == following[1].kind == NAME if len(following) > 1 else kind == END
        return likely or kind in (*DEFINITIONS, "LET") or following[0].text in BEGINNINGS
    return kind in _BEGINNINGS or reach(place._replace(at=index), scene.raw, index, NEEDED) == NEEDED


def _problem(scene: Scene, outside: bool) -> Problem:
    """A bracket that closes nothing, a statement at the top of a file, or just what cannot stand here."""
    if scene.token.kind in CLOSERS and not scene.place.opened:
        return superfluous(scene)
    if not outside or not scene.begins_line or scene.token.kind in (*CLOSERS, END):
        return unexpected(scene)
    return Misplaced(
        Site(scene.token.span(scene.source)),
        NO_REMEDY,
        found=found(scene.token),
        level="at the top of a file",
        why="layers stand in the braces of a `net` or `block`",
    )
