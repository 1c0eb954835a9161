"""The smallest change of one token after which the text can be read on."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.parse.automaton import reach
from cnndsl.parse.changes import insertions, removals, replacements, with_token
from cnndsl.parse.distant import distant
from cnndsl.parse.lexer import NAME, NEWLINE
from cnndsl.parse.scene import Repair, Scene, same_line

LOOK, LOOK_FAR = 40, 800
"""How many tokens a repair is read on, to see which one leads furthest, and the best of them once more."""

FINALISTS = 8

NEEDED = 3
"""The tokens that must be readable behind a repair."""

BACK = 3
"""How many tokens before the one that cannot stand are considered too."""


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
    yield from insertions(scene, 0.0)
    yield from removals(scene, 0.0)
    yield from replacements(scene, 0.0)
    for back in range(1, min(BACK, len(scene.steps)) + 1):
        there = scene.back(len(scene.steps) - back)
        if there.at < 0:
            break
        yield from removals(there, back / 2)
        if there.token.kind == NEWLINE:
            continue
        yield from replacements(there, back / 2)
        if not same_line(scene.source, there.token, scene.token):
            yield from _line_end(scene, there, scene.back(len(scene.steps) - back + 1))
            break
        yield from insertions(there, back / 2)
    yield from distant(scene)


def _line_end(scene: Scene, last: Scene, behind: Scene) -> Iterator[Repair]:
    """Repairs at the last token of an earlier line, to which its last sign or a bracket joins the next one."""
    if last.token.kind == "LBRACE":
        yield from with_token(last, NAME, 1.0)
    twice = last.token.kind == scene.token.kind
    yield from with_token(behind, NAME, 0.85 if twice else 1.6)
