"""Colons where none can stand: types, named arguments, labels in the middle, blocks by indentation as in Python."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Site
from cnndsl.errors.spelling import ForeignWord
from cnndsl.errors.syntax import Remedy, Unexpected
from cnndsl.parse.automaton import Place
from cnndsl.parse.lexer import COMMENT, END, NAME, NEWLINE, Token
from cnndsl.parse.meant import fed, line_end, read_as
from cnndsl.parse.scene import Repair, Scene, Step, begins_line, indentation, put, same_line


def colon(scene: Scene) -> Repair | None:
    """The repair of such a colon; None if it is another mistake."""
    if scene.token.kind != "COLON" or not scene.steps:
        return None
    return _type(scene) or _argument(scene) or _label(scene) or _of_input(scene) or _suite(scene)


def _type(scene: Scene) -> Repair | None:
    """`net A(classes: int = 10)`: parameters have no types."""
    following = [token.kind for token in scene.raw[scene.at + 1 : scene.at + 3]]
    if following[:1] != [NAME] or following[1:] not in (["EQUAL"], ["COMMA"], ["RPAR"]) or not _header(scene):
        return None
    span = scene.span(scene.token.start, scene.raw[scene.at + 1].end)
    fix = Fix(f"remove `{span.text}`", (Edit(span, ""),))
    why = "a parameter has no type, only a default: `classes = 10`"
    problem = ForeignWord(Site(span), Remedy(fix), found=f"the type `{span.text}`", instead=why)
    return Repair(0, len(scene.steps), (), scene.place._replace(at=scene.at + 2), lambda: problem)


def _header(scene: Scene) -> bool:
    """Whether the bracket that is open holds the parameters of a net, block or function."""
    at = scene.opener()
    kinds = [step.token.kind for step in scene.steps[max(at - 2, 0) : at + 1]]
    return kinds[-1:] == ["LPAR"] and len(kinds) == 3 and kinds[0] in ("NET", "BLOCK", "FN")


def _argument(scene: Scene) -> Repair | None:
    """`conv(filters: 6)`: arguments are named with `=`."""
    opened, name, token = scene.place.opened, scene.steps[-1], scene.token
    if (
        not opened
        or opened[0].kind != "LPAR"
        or name.token.kind != NAME
        or name.place.previous not in ("LPAR", "COMMA")
    ):
        return None
    rest = scene.source.text[token.end :]
    end = token.end + len(rest) - len(rest.lstrip(" \t"))
    fix = Fix("write `=` instead", (Edit(scene.span(name.token.end, end), "="),))
    problem = Unexpected(Site(token.span(scene.source)), Remedy(fix), found="`:`", expected="`=`")
    equal = Token("EQUAL", token.start, token.end, "="), scene.at
    return read_as(len(scene.steps), scene.place, [equal], scene.at + 1, problem)


def _label(scene: Scene) -> Repair | None:
    """`conv(6, 5) -> b: relu`: a label begins a line, here a new one."""
    if len(scene.steps) < 3 or [step.token.kind for step in scene.steps[-2:]] != ["ARROW", NAME]:
        return None
    (before, arrow, name), source = scene.steps[-3:], scene.source
    if not arrow.place.opened or arrow.place.opened[0].kind != "LBRACE":
        return None
    begun = "\n" + " " * indentation(source, arrow.token)
    fix = Fix("start a new line with it", (Edit(scene.span(before.token.end, name.token.start), begun),))
    advice = f"a label stands at the beginning of a line: `{name.token.text}: …`"
    where = Site(scene.span(name.token.start, scene.token.end))
    problem = Unexpected(where, Remedy(fix, advice), found=f"the label `{name.token.text}`", expected="a layer")
    newline = Token(NEWLINE, arrow.token.start, arrow.token.end, "\n")
    tokens = [(newline, arrow.at), (name.token, name.at), (scene.token, scene.at)]
    return read_as(len(scene.steps) - 2, arrow.place, tokens, scene.at + 1, problem)


def _of_input(scene: Scene) -> Repair | None:
    """`input: 28x28x1`."""
    if scene.steps[-1].token.kind != "INPUT":
        return None
    span = scene.token.span(scene.source)
    remedy = Remedy(Fix("remove `:`", (Edit(span, ""),)), "an input with a name is `input left: 28x28x1`")
    problem = Unexpected(Site(span), remedy, found="`:`", expected="a size")
    return Repair(0, len(scene.steps), (), scene.place._replace(at=scene.at + 1), lambda: problem)


def _suite(scene: Scene) -> Repair | None:
    """`if deep:`, `for k in ks:`, `net A:` with the lines behind that stand deeper: braces are meant."""
    head = _head(scene)
    if not head:
        return None
    brace = Token("LBRACE", scene.token.start, scene.token.end, "{")
    opened = fed(scene.place, [(brace, scene.at)])
    if not opened:
        return None
    last = _last(scene)
    read = _read(scene, opened[1], last)
    closed = read and put(read[1], "RBRACE")
    opening, closing = _braced(scene, last)
    advice = f"what belongs to `{head}` stands in braces: `{head}{'' if head == 'else' else ' …'} {{ … }}`"
    # where something within is wrong too, the closing brace is asked for when its place has been reached
    fix = Fix("put it in braces", (opening, closing)) if closed else Fix("write `{` instead", (opening,))
    where = Site(scene.token.span(scene.source))
    problem = Unexpected(where, Remedy(fix, advice), found="`:`", expected="`{`")
    if not read or not closed:
        return Repair(0, len(scene.steps), tuple(opened[0]), opened[1], lambda: problem)
    steps = (*opened[0], *read[0], *closed[0])
    return Repair(0, len(scene.steps), steps, closed[1]._replace(at=last + 1), lambda: problem)


def _head(scene: Scene) -> str:
    """The word to which a colon would belong: that of an `if`, `else`, `for`, `net` or `block` before it."""
    if scene.steps[-1].token.kind == "ELSE":
        return "else"
    for step in reversed(scene.steps):
        if step.place.opened == scene.place.opened:
            if step.token.kind in ("IF", "FOR", "NET", "BLOCK"):
                return step.token.text
            if step.token.kind in (NEWLINE, "RBRACE", "ARROW", "COLON"):
                break
    return ""


def _braced(scene: Scene, last: int) -> tuple[Edit, Edit]:
    """The edits that put braces around what stands behind the colon, up to the raw token at `last`."""
    end = scene.raw[last].end
    opening = Edit(scene.span(scene.steps[-1].token.end, scene.token.end), " {")
    if same_line(scene.source, scene.token, scene.raw[last]):
        return opening, Edit(scene.span(end, end), " }")
    end = line_end(scene, end)
    return opening, Edit(scene.span(end, end), "\n" + " " * indentation(scene.source, scene.token) + "}")


def _last(scene: Scene) -> int:
    """The position of the last token on the colon's line, or else on the lines behind it that stand deeper."""
    last, least = scene.at, indentation(scene.source, scene.token)
    for index in range(scene.at + 1, len(scene.raw)):
        token = scene.raw[index]
        if token.kind in (COMMENT, NEWLINE):
            continue
        fresh = begins_line(scene.source, token)
        here = last > scene.at and same_line(scene.source, scene.token, scene.raw[last])
        if token.kind == END or (fresh and (here or indentation(scene.source, token) <= least)):
            break
        last = index
    return last


def _read(scene: Scene, place: Place, last: int) -> tuple[list[Step], Place] | None:
    """The raw tokens up to `last` as they are; None if one of them cannot stand."""
    steps: list[Step] = []
    for index in place.following(scene.raw):
        if index > last:
            break
        after = place.feed(scene.raw[index], index + 1)
        if after is None:
            return None
        steps.append(Step(place, scene.raw[index], index))
        place = after
    return steps, place
