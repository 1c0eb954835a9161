"""The smallest change of one token after which the text can be read on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnndsl.parse.automaton import Place, reach
from cnndsl.parse.braces import closes_too_much
from cnndsl.parse.lexer import END, NAME, NEWLINE, NUMBER, SIZE, STRING, Token
from cnndsl.parse.messages import missing, replaced, superfluous
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Repair, Scene, put, same_line
from cnndsl.parse.table import table
from cnndsl.parse.words import text_of
from cnndsl.suggest import closest

LOOK, LOOK_FAR = 40, 800
"""How many tokens a repair is read on, to see which one leads furthest, and the best of them once more."""

FINALISTS = 6

NEEDED = 3
"""The tokens that must be readable behind a repair."""

BACK = 3
"""How many tokens before the one that cannot stand are considered too."""

_INSERT = {
    **dict.fromkeys(("RPAR", "RSQB", "RBRACE", "COMMA"), 1.0),
    **dict.fromkeys(("ARROW", "EQUAL"), 1.1),
    **dict.fromkeys(("COLON", "IMPORT"), 1.2),
    **dict.fromkeys(("LPAR", "LBRACE", "VBAR"), 1.3),
    **dict.fromkeys(("LSQB", NEWLINE), 1.4),
    "ELSE": 1.5,
    NAME: 1.6,
    STRING: 1.6,
}
"""How unlikely it is that a kind of token was forgotten; others 2.5."""


def best(scene: Scene) -> Repair | None:
    """The repair after which most can be read, of these the cheapest; None if none lasts for three tokens."""
    good: list[tuple[int, float, Repair]] = []
    for repair in _repairs(scene):
        needed = NEEDED if repair.place.at > scene.at else NEEDED - 1  # with the token itself
        reached = reach(repair.place, scene.raw, scene.at, LOOK)
        if reached >= needed:
            good.append((-reached, repair.cost, repair))
    good.sort(key=lambda one: one[:2])
    finalists = [repair for reached, _, repair in good[:FINALISTS] if reached == good[0][0]]
    if len(finalists) > 1:
        finalists.sort(key=lambda repair: -reach(repair.place, scene.raw, scene.at, LOOK_FAR))
    return finalists[0] if finalists else None


def _repairs(scene: Scene) -> Iterator[Repair]:
    yield from _insertions(scene)
    if scene.token.kind != END:
        yield from _changes(scene, len(scene.steps), scene.place, scene.token, scene.at, 0.0)
    for back, step in enumerate(reversed(scene.steps[-BACK:]), start=1):
        if step.at < 0 or not same_line(scene.source, step.token, scene.token):
            if step.at >= 0 and step.token.kind == NEWLINE:
                yield _removal(scene, len(scene.steps) - back, step.place, step.token, step.at, 1.5 + back / 2)
            continue
        yield from _changes(scene, len(scene.steps) - back, step.place, step.token, step.at, back / 2)
    yield from _earlier_bracket(scene)
    yield from _uncalled(scene)
    yield from _earlier_brace(scene)


def _insertions(scene: Scene) -> Iterator[Repair]:
    accepted = scene.place.accepted()
    for kind in accepted:
        if kind == END or (kind in (NUMBER, SIZE, STRING) and NAME in accepted):
            continue
        cost = 0.9 if kind == "EQUAL" and _after_named(scene) else _INSERT.get(kind, 2.5)
        repair = _fed(scene, len(scene.steps), scene.place, kind, scene.place.at, cost)
        if repair:
            yield repair._replace(problem=partial(missing, scene, kind))


def _after_named(scene: Scene) -> bool:
    """Whether a named argument stands before in these parentheses, so that the next one has a name too."""
    return any(
        step.token.kind == "EQUAL" and step.place.opened == scene.place.opened
        for step in scene.steps[scene.statement() :]
        if scene.place.opened and scene.place.opened[0].kind == "LPAR"
    )


def _changes(scene: Scene, keep: int, place: Place, token: Token, index: int, further: float) -> Iterator[Repair]:
    """Without a token, or with another one instead of it."""
    before = scene.steps[keep - 1].token if keep else None
    twice = before is not None and (before.kind, before.text) == (token.kind, token.text)
    useless = token.kind in CLOSERS and not any(OPENERS[b.kind] == token.kind for b in place.brackets())
    yield _removal(scene, keep, place, token, index, (0.9 if twice or useless else 1.5) + further)
    if token.kind == NEWLINE:
        return
    accepted = place.accepted()
    words = [text_of(kind) for kind in accepted if text_of(kind).isalpha()]
    meant = closest(token.text, words) if token.kind == NAME else None
    for kind in accepted:
        if kind in (END, NEWLINE, token.kind) or (kind in (NUMBER, SIZE, STRING) and NAME in accepted):
            continue
        if meant and text_of(kind) == meant:
            cost = 0.6
        elif (token.kind in CLOSERS and kind in CLOSERS) or (token.kind in OPENERS and kind in OPENERS):
            cost = 1.3
        elif kind == NAME:
            cost = 1.2 if token.text in table().words else 1.9
        else:
            cost = 0.9 + _INSERT.get(kind, 2.5)
        repair = _fed(scene, keep, place, kind, index + 1, cost + further)
        if repair:
            yield repair._replace(problem=partial(replaced, scene, token, kind))


def _removal(scene: Scene, keep: int, place: Place, token: Token, index: int, cost: float) -> Repair:
    return Repair(cost, keep, (), place._replace(at=index + 1), partial(superfluous, scene, token))


def _fed(scene: Scene, keep: int, place: Place, kind: str, index: int, cost: float) -> Repair | None:
    """The change that puts in a token of a kind, if it can stand there."""
    steps, after = put(place, kind) or ([], None)
    return after and Repair(cost, keep, tuple(steps), after._replace(at=index), partial(missing, scene, kind))


def _earlier_bracket(scene: Scene) -> Iterator[Repair]:
    """A bracket that was opened on an earlier line and should have been closed there."""
    opened = scene.place.opened
    if not opened or opened[0].kind == "LBRACE" or same_line(scene.source, opened[0], scene.token):
        return
    opener = opened[0]
    for position in range(len(scene.steps) - 1, -1, -1):
        step = scene.steps[position]
        if step.token.start >= opener.start and same_line(scene.source, opener, step.token):
            place = scene.steps[position + 1].place if position + 1 < len(scene.steps) else scene.place
            if place.opened != opened or step.at < 0:
                return
            kind = OPENERS[opener.kind]
            there = Scene(scene.source, scene.raw, scene.steps[: position + 1], place, step.at + 1)
            repair = _fed(scene, position + 1, place, kind, step.at + 1, 0.8)
            if repair:
                yield repair._replace(problem=partial(missing, there, kind))
            return


def _uncalled(scene: Scene) -> Iterator[Repair]:
    """Arguments in parentheses with nothing before them that takes them."""
    opener = scene.place.opened[0] if scene.place.opened else None
    for keep in range(scene.statement(), len(scene.steps)):
        step = scene.steps[keep]
        if step.token is opener and opener.kind == "LPAR" and step.at >= 0:
            there = Scene(scene.source, scene.raw, scene.steps[:keep], step.place, step.at)
            repair = _fed(there, keep, step.place, NAME, step.at, 1.7)
            if repair:
                yield repair._replace(problem=partial(missing, there, NAME))


def _earlier_brace(scene: Scene) -> Iterator[Repair]:
    """A closing brace that, by its indentation, closes what it should not, so that too little is open now."""
    if scene.place.opened:
        return
    tokens = scene.definition()
    first = len(scene.steps) - len(tokens)
    position = closes_too_much(scene.source, tokens)
    if position >= 0 and scene.steps[first + position].at >= 0:
        step = scene.steps[first + position]
        yield _removal(scene, first + position, step.place, step.token, step.at, 0.8)
