"""The changes of one token: put one in, leave one out, write another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnndsl.parse.braces import fits
from cnndsl.parse.lexer import END, NAME, NEWLINE, NUMBER, SIZE, STRING
from cnndsl.parse.messages import missing, replaced, superfluous
from cnndsl.parse.newlines import CLOSERS, JOINTS, NOT_AFTER, OPENERS
from cnndsl.parse.scene import Repair, Scene, put
from cnndsl.parse.table import table
from cnndsl.parse.words import text_of
from cnndsl.suggest import closest

_FORGOTTEN = {
    **dict.fromkeys(("RPAR", "RSQB", "RBRACE", "COMMA"), 1.0),
    **dict.fromkeys(("ARROW", "EQUAL"), 1.1),
    **dict.fromkeys(("COLON", "IMPORT"), 1.2),
    **dict.fromkeys(("LPAR", "LBRACE", "VBAR"), 1.3),
    **dict.fromkeys(("LSQB", NEWLINE), 1.4),
    "ELSE": 1.5,
    NAME: 1.6,
    STRING: 1.6,
}
"""How unlikely it is that a token of a kind was forgotten; of others, 2.5."""


_STRUCTURE = (JOINTS - {"COMMA", "ARROW", "VBAR"}) | {"COLON", "DOT"}
"""Signs that stand for a structure: something next to them is missing rather than they are one too many."""


def with_token(scene: Scene, kind: str, cost: float, behind: bool = False) -> Iterator[Repair]:
    """A token of a kind put in before the one of the scene, or directly behind the one before.

    That is another line where a new line between the two was dropped. Within brackets it is the
    earlier one, since the new line counts again if the token closes them.
    """
    fed = put(scene.place, kind)
    behind = behind or scene.place.previous not in NOT_AFTER
    if fed:
        place = fed[1] if behind else fed[1]._replace(at=scene.at)
        yield Repair(cost, len(scene.steps), tuple(fed[0]), place, partial(missing, scene, kind, behind))


def without(scene: Scene, cost: float) -> Repair:
    """The token of the scene left out."""
    return Repair(cost, len(scene.steps), (), scene.place._replace(at=scene.at + 1), partial(superfluous, scene))


def instead(scene: Scene, kind: str, cost: float) -> Iterator[Repair]:
    """A token of a kind in the place of the one of the scene."""
    fed = put(scene.place, kind)
    if fed:
        after = fed[1]._replace(at=scene.at + 1)
        yield Repair(cost, len(scene.steps), tuple(fed[0]), after, partial(replaced, scene, kind))


def insertions(scene: Scene, further: float) -> Iterator[Repair]:
    """Every token that can be put in here."""
    for kind in _kinds(scene):
        cost = _forgotten(scene, kind, scene.at)
        yield from with_token(scene, kind, cost + further)
    without_else = put(scene.place, "ELSE", NAME)
    if without_else:
        steps, place = without_else
        yield Repair(1.5 + further, len(scene.steps), tuple(steps), place, partial(missing, scene, "ELSE"))


def removals(scene: Scene, further: float) -> Iterator[Repair]:
    """The token left out: cheap if it stands twice or closes nothing."""
    token = scene.token
    before = scene.steps[-1].token if scene.steps else None
    twice = before is not None and (before.kind, before.text) == (token.kind, token.text)
    useless = token.kind in CLOSERS and not any(OPENERS[b.kind] == token.kind for b in scene.place.brackets())
    cost = 0.9 if twice or useless else 1.7 if token.kind in _STRUCTURE else 1.5
    if token.kind != END and not _settled(scene):
        yield without(scene, cost + further)


def replacements(scene: Scene, further: float) -> Iterator[Repair]:
    """Every other token in its place: cheap if it is a slip of the other, or both are brackets."""
    token = scene.token
    if token.kind == END or (token.kind == NEWLINE and token.text != ";") or _settled(scene):
        return
    kinds = [kind for kind in _kinds(scene) if kind != token.kind]
    words = [text_of(kind) for kind in kinds if text_of(kind).isalpha()]
    meant = closest(token.text, words) if token.kind == NAME else None
    for kind in kinds:
        if (meant and text_of(kind) == meant) or (token.text == ";" and kind == "COMMA"):
            cost = 0.6
        elif any(token.kind in brackets and kind in brackets for brackets in (OPENERS, CLOSERS)):
            cost = 1.3
        elif kind == NAME:
            cost = 1.2 if token.text in table().words else 1.9
        else:
            cost = 0.9 + _forgotten(scene, kind, scene.at + 1)
        yield from instead(scene, kind, cost + further)


def _settled(scene: Scene) -> bool:
    """Whether the token is a closing brace that stands where that of its `{` should, and so is no mistake."""
    opened = scene.place.opened
    return scene.token.kind == "RBRACE" and bool(opened) and fits(scene.source, opened[0], scene.token)


def _kinds(scene: Scene) -> list[str]:
    """The kinds that can stand here; of those without a text of their own only names, where they can."""
    accepted = scene.place.accepted()
    unclear = (END, NUMBER, SIZE, STRING) if NAME in accepted else (END,)
    return [kind for kind in accepted if kind not in unclear]


def _forgotten(scene: Scene, kind: str, following: int) -> float:
    """How unlikely it is that a token of a kind was forgotten here, before the raw token at `following`."""
    if kind == "RANGE" and _in_loop(scene):
        return 1.4
    if kind in ("COMMA", "EQUAL") and _after_named(scene):
        named = [token.kind for token in scene.raw[following : following + 2]] == [NAME, "EQUAL"]
        return 0.9 if kind == "EQUAL" else 1.0 if named else 1.6
    return _FORGOTTEN.get(kind, 2.5)


def _in_loop(scene: Scene) -> bool:
    """Whether the statement is a `for`."""
    start = scene.statement()
    return start < len(scene.steps) and scene.steps[start].token.kind == "FOR"


def _after_named(scene: Scene) -> bool:
    """Whether a named argument stands before in these parentheses, so that the next one has a name too."""
    return any(
        step.token.kind == "EQUAL" and step.place.opened == scene.place.opened
        for step in scene.steps[scene.statement() :]
        if scene.place.opened and scene.place.opened[0].kind == "LPAR"
    )
