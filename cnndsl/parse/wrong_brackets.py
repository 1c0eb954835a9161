"""Brackets of other kinds: arguments in [ ], { } or < >, names in ( ), dictionaries."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Site
from cnndsl.errors.syntax import Remedy, Unexpected
from cnndsl.parse.lexer import NAME, NEWLINE, NUMBER, SIZE
from cnndsl.parse.meant import STARTS, read_as, sign
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Repair, Scene
from cnndsl.parse.skipping import skip
from cnndsl.parse.words import found

PAIRS = {"[": "]", "{": "}", "<": ">"}
"""Brackets that are written around arguments, and what closes them."""


def wrong_bracket(scene: Scene) -> Repair | None:
    """The repair of such a mistake; None if it is none."""
    return _of_arguments(scene) or _of_names(scene) or _of_a_dictionary(scene) if scene.steps else None


def _of_arguments(scene: Scene) -> Repair | None:
    """`conv[6, 5]`, `conv{6, 5}`, `fc<10>`."""
    there = scene.back(scene.opener()) if scene.token.text != "<" and scene.place.opened else scene
    keep, at = len(there.steps), there.at
    opener = scene.token if there is scene else scene.steps[keep].token
    name = there.steps[-1] if keep else None
    if opener.text not in PAIRS or at < 0 or name is None or name.token.kind != NAME or name.token.end != opener.start:
        return None
    end = _closing(scene, at, PAIRS[opener.text])
    if end < 0 or name.place.previous not in STARTS:
        return None
    span = scene.span(opener.start, scene.raw[end].end)
    text = f"({span.text[1:-1].strip()})"
    fix = Fix(f"write `{name.token.text}{text}`", (Edit(span, text),))
    problem = Unexpected(Site(opener.span(scene.source)), Remedy(fix), found=found(opener), expected="`(`")
    inner = [(scene.raw[index], index) for index in range(at + 1, end)]
    tokens = [sign("LPAR", opener.start, "("), *inner, sign("RPAR", span.end, ")")]
    return read_as(keep, there.place, tokens, end + 1, problem)


def _closing(scene: Scene, opener: int, closer: str) -> int:
    """The position of what closes a bracket on its line, if values stand between; -1 if there is nothing such."""
    depth = 0
    for index in range(opener + 1, len(scene.raw)):
        token = scene.raw[index]
        if not depth and token.text == closer:
            return index
        depth += (token.kind in OPENERS) - (token.kind in CLOSERS)
        plain = token.kind in (NUMBER, SIZE, NAME, "COMMA", "EQUAL", "LPAR", "RPAR", "TRUE", "FALSE")
        if depth < 0 or token.kind == NEWLINE or not plain:
            break
    return -1


def _of_names(scene: Scene) -> Repair | None:
    """`let (a, b) = (1, 2)`, `let a, b = 1, 2`: one name, one value."""
    before = [step.token.kind for step in scene.steps[-2:]]
    if not (scene.token.kind == "LPAR" and before[-1:] == ["LET"]) and not (
        scene.token.kind == "COMMA" and before == ["LET", NAME]
    ):
        return None
    advice = "one at a time: `let a = 1`, or name them together, `let both = (1, 2)`, and write `both[0]`"
    wanted = "a name" if scene.token.kind == "LPAR" else "`=`"
    problem = Unexpected(Site(scene.token.span(scene.source)), Remedy(None, advice), found(scene.token), wanted)
    return skip(scene, scene.at)._replace(problem=lambda: problem)


def _of_a_dictionary(scene: Scene) -> Repair | None:
    """`let sizes = {"small": 3}`."""
    if scene.token.kind != "LBRACE" or NUMBER not in scene.place.accepted():
        return None
    if scene.steps[-1].token.kind not in ("EQUAL", "LPAR", "COMMA", "LSQB"):
        return None
    advice = "{ } hold layers; values stand in lists and tuples, `[1, 2]`, `(1, 2)`, and have no names there"
    problem = Unexpected(Site(scene.token.span(scene.source)), Remedy(None, advice), "`{`", "a value")
    return skip(scene, scene.at)._replace(problem=lambda: problem)
