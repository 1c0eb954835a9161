"""Inputs, imports, joins and choices in the forms of other languages."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import ForeignWord, MalformedNumber
from cnndsl.errors.syntax import Missing, Remedy, Superfluous, Unexpected
from cnndsl.parse.foreign import LIBRARIES
from cnndsl.parse.lexer import NAME, NEWLINE, NUMBER, SIZE, STRING, Token
from cnndsl.parse.meant import read_as, sign
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Repair, Scene, put


def form(scene: Scene) -> Repair | None:
    """The repair of such a mistake; None if it is none."""
    if not scene.steps:
        return None
    return (
        _input_without_size(scene)
        or _size_with_commas(scene)
        or _imported_file(scene)
        or _imported_name(scene)
        or _join_with_arguments(scene)
        or _branches_with_commas(scene)
        or _ternary(scene)
    )


# ---- inputs --------------------------------------------------------------------------------------


def _input_without_size(scene: Scene) -> Repair | None:
    """`input` alone on its line."""
    if scene.token.kind not in (NEWLINE, "RBRACE", "ARROW") or scene.steps[-1].token.kind != "INPUT":
        return None
    where = scene.steps[-1].token.span(scene.source).after()
    advice = "height x width x channels, as in `input 28x28x1`; `?` is an extent that is not fixed"
    problem = Missing(Site(where), Remedy(None, advice), what="a size", between=" after `input`")
    return read_as(len(scene.steps), scene.place, [sign(SIZE, where.start, "?x?x1")], scene.at, problem)


def _size_with_commas(scene: Scene) -> Repair | None:
    """`input 28, 28, 1`."""
    first, index = scene.steps[-1], scene.at
    if scene.token.kind != "COMMA" or first.token.kind != NUMBER:
        return None
    if scene.steps[scene.statement()].token.kind != "INPUT":
        return None
    extents = [first.token.text]
    while scene.raw[index].kind == "COMMA" and scene.raw[index + 1].kind == NUMBER:
        extents.append(scene.raw[index + 1].text)
        index += 2
    if len(extents) < 2 or not all(extent.isdigit() for extent in extents):
        return None
    span, written = scene.span(first.token.start, scene.raw[index - 1].end), "x".join(extents)
    fix = Fix(f"write `{written}`", (Edit(span, written),))
    why = "a size is written with a small x"
    problem = MalformedNumber(Site(span), Remedy(fix), text=span.text, why=why)
    meant = Token(SIZE, span.start, span.end, written), first.at
    return read_as(len(scene.steps) - 1, first.place, [meant], index, problem)


# ---- imports -------------------------------------------------------------------------------------


def _imported_file(scene: Scene) -> Repair | None:
    """`from vgg import VGG16`: a file is named in quotes, with its ending."""
    index = scene.at
    if scene.token.kind != NAME or scene.steps[-1].token.kind != "FROM":
        return None
    while scene.raw[index].kind in (NAME, "DOT", "DIVIDE"):
        index += 1
    if scene.raw[index].kind == STRING:
        return None
    span = scene.span(scene.token.start, scene.raw[index - 1].end)
    why = "layers need no import: `conv`, `relu` and all others are there"
    problem: Problem = ForeignWord(Site(span), Remedy(), found=f"the library `{span.text}`", instead=why)
    word = f'"{span.text.removesuffix(".cnn").replace(".", "/")}.cnn"'
    fix = Fix(f"write `{word}`", (Edit(span, word),))
    if scene.token.text not in LIBRARIES:
        remedy = Remedy(fix, "a file is named in quotes and with its ending")
        problem = Unexpected(Site(span), remedy, found=f"`{span.text}`", expected="a string")
    meant = Token(STRING, span.start, span.end, word), scene.at
    return read_as(len(scene.steps), scene.place, [meant], index, problem)


def _imported_name(scene: Scene) -> Repair | None:
    """`import VGG16 as Features`, `import *`."""
    token, start = scene.token, scene.statement()
    if start >= len(scene.steps) or scene.steps[start].token.kind != "FROM":
        return None
    if token.kind == "STAR" and scene.steps[-1].token.kind == "IMPORT":
        remedy = Remedy(None, "write out the names that are used: `import a, b`")
        problem = Unexpected(Site(token.span(scene.source)), remedy, found="`*`", expected="a name")
        return read_as(len(scene.steps), scene.place, [sign(NAME, token.start, "")], scene.at + 1, problem)
    if token.text != "as" or scene.raw[scene.at + 1].kind != NAME:
        return None
    following = scene.raw[scene.at + 1]
    fix = Fix(f"remove `as {following.text}`", (Edit(scene.span(scene.steps[-1].token.end, following.end), ""),))
    why = "what is imported keeps its name"
    other = ForeignWord(Site(token.span(scene.source)), Remedy(fix), found="`as`", instead=why)
    return Repair(0, len(scene.steps), (), scene.place._replace(at=scene.at + 2), lambda: other)


# ---- joins and choices ---------------------------------------------------------------------------


def _join_with_arguments(scene: Scene) -> Repair | None:
    """`concat(axis=1) { a | b }`: a join has branches alone."""
    if scene.token.kind != "LBRACE" or scene.steps[-1].token.kind != "RPAR" or not _branches(scene):
        return None
    opener = len(scene.steps) - 1
    while opener > 0 and scene.steps[opener].place.opened != scene.place.opened:
        opener -= 1
    if opener < 1 or scene.steps[opener].token.kind != "LPAR" or scene.steps[opener - 1].token.kind != NAME:
        return None
    name = scene.steps[opener - 1].token
    span = scene.span(scene.steps[opener].token.start, scene.steps[-1].token.end)
    fix = Fix(f"remove `{span.text}`", (Edit(span, ""),))
    why = f"a join has branches alone: `{name.text} {{ a | b }}`"
    problem = Superfluous(Site(span), Remedy(fix), found=f"`{span.text}`", why=why)
    place = scene.steps[opener].place._replace(at=scene.at)
    return Repair(0, opener, (), place, lambda: problem)


def _branches(scene: Scene) -> bool:
    """Whether the braces that the token opens have a `|` of their own."""
    depth = 0
    for token in scene.raw[scene.at :]:
        depth += (token.kind in OPENERS) - (token.kind in CLOSERS)
        if depth == 1 and token.kind == "VBAR":
            return True
        if depth <= 0:
            break
    return False


def _branches_with_commas(scene: Scene) -> Repair | None:
    """`concat { a , b }`."""
    opened, token = scene.place.opened, scene.token
    if token.kind != "COMMA" or not opened or opened[0].kind != "LBRACE" or not put(scene.place, "VBAR"):
        return None
    fix = Fix("write `|` instead", (Edit(token.span(scene.source), "|"),))
    problem = Unexpected(Site(token.span(scene.source)), Remedy(fix), found="`,`", expected="`|`")
    bar = Token("VBAR", token.start, token.end, "|"), scene.at
    return read_as(len(scene.steps), scene.place, [bar], scene.at + 1, problem)


def _ternary(scene: Scene) -> Repair | None:
    """`deep ? 3 : 4`."""
    opened, first = scene.place.opened, len(scene.steps)
    if scene.token.text != "?" or not opened or opened[0].kind == "LBRACE":
        return None
    while scene.steps[first - 1].place.opened == opened and scene.steps[first - 1].token.kind not in ("COMMA", "EQUAL"):
        first -= 1
    middle = _until(scene, scene.at + 1, ("COLON",))
    end = _until(scene, middle + 1, ("COMMA",)) if middle > 0 else -1
    if end < 0 or first == len(scene.steps):
        return None
    condition = scene.span(scene.steps[first].token.start, scene.steps[-1].token.end).text
    then = scene.span(scene.raw[scene.at + 1].start, scene.raw[middle - 1].end).text
    otherwise = scene.span(scene.raw[middle + 1].start, scene.raw[end - 1].end).text
    span = scene.span(scene.steps[first].token.start, scene.raw[end - 1].end)
    written = f"{then} if {condition} else {otherwise}"
    fix = Fix(f"write `{written}`", (Edit(span, written),))
    where = Site(scene.token.span(scene.source))
    problem = ForeignWord(where, Remedy(fix), found="`? :`", instead="write `a if condition else b`")
    tokens = [(scene.raw[index], index) for index in range(scene.at + 1, middle)]
    return read_as(first, scene.steps[first].place, tokens, end, problem)


def _until(scene: Scene, start: int, kinds: tuple[str, ...]) -> int:
    """The position of the next token of such a kind within these brackets, or of what closes them; -1 for none."""
    depth = 0
    for index in range(start, len(scene.raw)):
        kind = scene.raw[index].kind
        if not depth and index > start and (kind in kinds or (kind in CLOSERS and "COLON" not in kinds)):
            return index
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if depth < 0 or kind == NEWLINE:
            break
    return -1
