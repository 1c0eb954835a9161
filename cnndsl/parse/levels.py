"""Mistakes of level: what is never closed, defined inside of something else, or stands outside of every net."""

from __future__ import annotations

from functools import partial

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import NO_REMEDY, Misplaced, Remedy, Superfluous, Unclosed
from cnndsl.parse.braces import unclosed
from cnndsl.parse.lexer import END, NAME
from cnndsl.parse.messages import missing
from cnndsl.parse.newlines import OPENERS
from cnndsl.parse.scene import DEFINITIONS, Repair, Scene, Step, indentation, put, same_line
from cnndsl.parse.words import found


def level(scene: Scene) -> Repair | None:
    """The repair where the file ends or a definition begins while something is open; None elsewhere."""
    opened, token = scene.place.opened, scene.token
    if not opened or not (token.kind == END or (token.kind in DEFINITIONS and scene.begins_line)):
        return None
    deeper = indentation(scene.source, token) > indentation(scene.source, opened[0])
    if deeper and opened[0].kind == "LBRACE" and token.kind != END:
        return _nested(scene)
    return _closed(scene)


def _closed(scene: Scene) -> Repair | None:
    """All brackets that are open closed, or if there are none, all braces."""
    keep, place = scene.without_newline()
    bracket = place.opened[0].kind != "LBRACE"
    fed: list[Step] = []
    while place.opened and (place.opened[0].kind != "LBRACE") == bracket:
        kind = OPENERS[place.opened[0].kind]
        closed = put(place, kind) or put(place, NAME, kind)
        if closed is None:
            return None
        fed += closed[0]
        place = closed[1]
    kind = OPENERS[scene.place.opened[0].kind]
    problem = partial(missing, scene, kind) if bracket else partial(_unclosed, scene)
    return Repair(0, keep, tuple(fed), place, problem)


def _unclosed(scene: Scene) -> Problem:
    source = scene.source
    tokens = scene.definition()
    opener, last = unclosed(source, tokens)
    second = tokens[tokens.index(opener) + 1 :][:1]
    if second and second[0].kind == "LBRACE" and same_line(source, opener, second[0]):
        fix = Fix("remove `{`", (Edit(second[0].span(source), ""),))
        return Superfluous(Site(second[0].span(source)), Remedy(fix), found="`{`", why="it stands twice")
    end = source.text.find("\n", last.end)
    end = len(source.text) if end < 0 else end
    if same_line(source, opener, last) and scene.token.start <= end:
        edit = Edit(last.span(source).after(), " }")
    else:
        edit = Edit(scene.span(end, end), "\n" + " " * indentation(source, opener) + "}")
    return Unclosed(
        Site(last.span(source).after()),
        Remedy(Fix("add `}` here", (edit,))),
        opener="`{`",
        closer="`}`",
        opened=opener.span(source),
    )


def _nested(scene: Scene) -> Repair:
    """A definition inside of a net or block, which is passed over."""
    keep, place = scene.without_newline()
    deep, index = 0, scene.at
    while scene.raw[index].kind != END and not (deep <= 0 and scene.raw[index].text == "\n"):
        deep += (scene.raw[index].kind == "LBRACE") - (scene.raw[index].kind == "RBRACE")
        index += 1
    problem = Misplaced(
        Site(scene.token.span(scene.source)),
        NO_REMEDY,
        found=found(scene.token),
        level="inside of a net or block",
        why="move this definition to the top of the file",
    )
    return Repair(0, keep, (), place._replace(at=index), lambda: problem)
