"""The smallest change of one token after which the text can be read on."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.parse.automaton import Place, shift
from cnndsl.parse.changes import insertions, removals, replacements, with_token
from cnndsl.parse.distant import distant
from cnndsl.parse.lexer import NAME, NEWLINE
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Repair, Scene, begins_line, same_line

FAR = 800
"""The tokens that are read on for a repair at most."""

NEEDED = 3
"""The tokens that must be readable behind a repair, unless its line ends before."""

LINES = 2
"""The lines behind a repair that tell whether it is good."""

FINALISTS = 8
"""Of the repairs that last so long, how many are read on to the end of the net or block."""

BACK = 3
"""How many tokens before the one that cannot stand are considered too."""


def best(scene: Scene) -> Repair | None:
    """The repair that lasts longest, of these the cheapest; None if none lasts for three tokens or to the line's end.

    How long is counted in lines, up to two: later mistakes say nothing about it. But of those that
    last for two, one is better that lets the net or block come to its end, with its braces matched.
    """
    good: list[tuple[tuple[int, int], float, Repair]] = []
    for repair in _repairs(scene):
        needed = NEEDED if repair.place.at > scene.at else NEEDED - 1  # with the token itself
        tokens, lines = _lasts(scene, repair.place)
        if tokens >= needed or lines:
            good.append(((-lines, 0 if lines else -tokens), repair.cost, repair))
    good.sort(key=lambda one: one[:2])
    finalists = [repair for lasts, _, repair in good if lasts == good[0][0]][:FINALISTS]
    if len(finalists) > 1 and good[0][0][0] == -LINES:
        return next((repair for repair in finalists if _ends(scene, repair.place)), finalists[0])
    return finalists[0] if finalists else None


def _lasts(scene: Scene, place: Place) -> tuple[int, int]:
    """How many tokens behind that of the scene can be read, and how many line ends from it on."""
    tokens, lines, stack = 0, 0, place.stack
    for index in place.following(scene.raw):
        token = scene.raw[index]
        following = shift(stack, token.kind)
        if following is None or lines == LINES:
            return tokens, lines
        stack = following
        tokens += index > scene.at
        ended = token.text == "\n" or (token.kind == "RBRACE" and begins_line(scene.source, token))
        lines += ended and index >= scene.at
    return max(tokens, NEEDED), LINES


def _ends(scene: Scene, place: Place) -> bool:
    """Whether the net or block comes to its end, or nothing is wrong for long."""
    depth, stack = len(place.brackets()), place.stack
    for count, index in enumerate(place.following(scene.raw)):
        kind = scene.raw[index].kind
        following = shift(stack, kind)
        if following is None:
            return False
        stack = following
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if count > FAR or (not depth and kind == NEWLINE and index > scene.at):
            break
    return True


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
    yield from with_token(behind, NAME, 0.85 if twice else 1.2, behind=True)
