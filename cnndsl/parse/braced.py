"""What can be repeated and what cannot: `* n` behind a layer or a join."""

from __future__ import annotations

from functools import partial

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import Remedy, Unrepeatable
from cnndsl.parse.lexer import NEWLINE
from cnndsl.parse.meant import fed
from cnndsl.parse.messages import missing
from cnndsl.parse.scene import Repair, Scene, Step, put

_STAGE_ENDS = ("ARROW", "COLON", "LBRACE", "VBAR", NEWLINE)


def repeated(scene: Scene) -> Repair | None:
    """`conv(64, 3) * 2` or `add { | a | b } * 2`, read as if braces stood around; None if that is not the mistake."""
    if scene.token.kind != "STAR" or "ARROW" not in scene.place.accepted():
        return None
    start = len(scene.steps) - 1
    while start > 0 and (
        scene.steps[start].place.opened != scene.place.opened or scene.steps[start - 1].token.kind not in _STAGE_ENDS
    ):
        start -= 1
    stage = scene.steps[start:]
    opener = next((n for n, step in enumerate(stage) if step.token.kind == "LBRACE"), None)
    if opener and not any(step.token.kind == "VBAR" for step in stage):
        return _apart(scene, start + opener)
    opened = put(stage[0].place, "LBRACE")
    assert opened is not None, "a group can stand where a layer can"
    inner = fed(opened[1], [(step.token, step.at) for step in stage])
    assert inner is not None, "what is a stage is one in braces too"
    closed = put(inner[1], "RBRACE")
    if closed is None:
        return None
    steps = (*opened[0], *inner[0], *closed[0])
    return Repair(0, start, steps, closed[1]._replace(at=scene.at), partial(_unrepeatable, scene, stage[0]))


def _apart(scene: Scene, opener: int) -> Repair | None:
    """A name and a group on one line without anything between them, which so far was read as a join."""
    there = scene.back(opener)
    if there.at < 0:  # the brace was put in by an earlier repair: there is no text to go on from
        return None
    arrow = put(there.place, "ARROW")
    return arrow and Repair(
        0, opener, tuple(arrow[0]), arrow[1]._replace(at=there.at), partial(missing, there, "ARROW")
    )


def _unrepeatable(scene: Scene, first: Step) -> Problem:
    before = scene.before
    assert before is not None
    edits = (
        Edit(scene.span(first.token.start, first.token.start), "{ "),
        Edit(scene.span(before.end, before.end), " }"),
    )
    where = Site(scene.token.span(scene.source))
    return Unrepeatable(where, Remedy(Fix("put braces around it", edits)), what=f"`{first.token.text}`")
