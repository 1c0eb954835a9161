"""Repairs further back: where a mistake shows only after several tokens."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.parse.braces import closes_too_much
from cnndsl.parse.changes import with_token, without
from cnndsl.parse.lexer import END, NAME
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Repair, Scene, begins_line, same_line

#: the tokens of a line that are looked at for a bracket that closes nothing, at most
FAR = 800
_BEGINNINGS = ("FOR", "IF", "LET", "INPUT", "OUTPUT", "ASSERT", "NET", "BLOCK", "FN", "FROM")


def distant(scene: Scene) -> Iterator[Repair]:
    """The repairs of mistakes that are common and show late."""
    yield from _beginning(scene)
    yield from _twice(scene)
    yield from _closed_on_its_line(scene)
    yield from _opened_on_this_line(scene)
    yield from _called(scene)
    yield from _closed_too_early(scene)


def _beginning(scene: Scene) -> Iterator[Repair]:
    """A word that begins the statement, put in or left out."""
    start = scene.back(scene.statement())
    if start.at < 0 or start is scene:
        return
    for kind in _BEGINNINGS:
        yield from with_token(start, kind, 2.2)
    if start.token.kind in _BEGINNINGS:
        yield without(start, 2.2)


def _twice(scene: Scene) -> Iterator[Repair]:
    """Of a token that stands twice in the statement, the second left out."""
    for keep in range(scene.statement() + 1, len(scene.steps)):
        one, other = scene.steps[keep - 1].token, scene.steps[keep].token
        if (one.kind, one.text) == (other.kind, other.text) and other.kind not in CLOSERS and scene.steps[keep].at >= 0:
            yield without(scene.back(keep), 1.4)


def _closed_on_its_line(scene: Scene) -> Iterator[Repair]:
    """A bracket of an earlier line, closed at the end of that line."""
    opened = scene.place.opened
    if not opened or opened[0].kind == "LBRACE" or same_line(scene.source, opened[0], scene.token):
        return
    for keep in range(len(scene.steps), scene.statement(), -1):
        token = scene.steps[keep - 1].token
        if token.start >= opened[0].start and same_line(scene.source, opened[0], token):
            there = scene.back(keep)
            if there.place.opened == opened and there.at >= 0:
                yield from with_token(there, OPENERS[opened[0].kind], 0.8, behind=True)
            return


def _opened_on_this_line(scene: Scene) -> Iterator[Repair]:
    """A bracket for a closing one on this line that has none: the nearest place where it leads on."""
    closer = _unmatched(scene)
    for keep in range(len(scene.steps) - 1, scene.statement() - 1, -1) if closer else ():
        there = scene.back(keep)
        if there.at < 0 or not same_line(scene.source, there.token, scene.token):
            return
        yield from with_token(there, CLOSERS[closer], 1.3 + (len(scene.steps) - keep) / 100)


def _unmatched(scene: Scene) -> str:
    """The kind of the first closing bracket on the line that closes nothing, or a brace of another line; or nothing."""
    opened = [step.token for step in scene.steps[-2:] if step.token.kind == "RBRACE"]
    if opened and not begins_line(scene.source, opened[-1]):
        return "RBRACE"
    brackets = scene.place.brackets()
    for token in scene.raw[scene.at : scene.at + FAR]:
        if token.text == "\n" or token.kind == END:
            break
        if token.kind in OPENERS:
            brackets.append(token)
        elif token.kind in CLOSERS:
            if not brackets or brackets[-1].kind != CLOSERS[token.kind]:
                return token.kind
            if token.kind == "RBRACE" and not same_line(scene.source, brackets[-1], token):
                return "" if begins_line(scene.source, token) else "RBRACE"
            brackets.pop()
    return ""


def _called(scene: Scene) -> Iterator[Repair]:
    """A name before parentheses, so that they hold its arguments."""
    opener = scene.place.opened[0] if scene.place.opened else None
    for keep in range(scene.statement(), len(scene.steps)):
        step = scene.steps[keep]
        if step.token is opener and opener.kind == "LPAR" and step.at >= 0:
            yield from with_token(scene.back(keep), NAME, 1.7)


def _closed_too_early(scene: Scene) -> Iterator[Repair]:
    """An earlier closing brace left out that, by its indentation, closes what it should not."""
    if scene.place.opened:
        return
    tokens = scene.definition()
    position = len(scene.steps) - len(tokens) + closes_too_much(scene.source, tokens)
    if position >= len(scene.steps) - len(tokens) and scene.steps[position].at >= 0:
        yield without(scene.back(position), 0.8)
