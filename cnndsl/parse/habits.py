"""Mistakes of those who think in Python: labels with `=`, sums of volumes, arguments without parentheses."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Site
from cnndsl.errors.spelling import ForeignWord
from cnndsl.errors.syntax import Missing, Remedy, Unexpected
from cnndsl.parse.lexer import COMMENT, END, NAME, NEWLINE, NUMBER, SIZE, STRING, Token
from cnndsl.parse.meant import BEGINNINGS, ENDS, STARTS, listed, read_as, sign
from cnndsl.parse.messages import missing
from cnndsl.parse.scene import Repair, Scene, Step, same_line
from cnndsl.parse.words import found
from cnndsl.suggest import closest

FUNCTIONS = frozenset(("min", "max", "int", "ceil", "floor", "round", "sqrt", "len", "abs", "sum"))
"""What is called like a layer, but gives a number."""

JOINS = {"+": "add { … }", "-": "sub { … }"}
"""The joins that are meant by signs between volumes."""


def habit(scene: Scene) -> Repair | None:
    """The repair of such a mistake; None if it is none."""
    if not scene.steps:
        return None
    return (
        _label_with_equal(scene)
        or _spaced_arrow(scene)
        or _sign_for_arrow(scene)
        or _sum_of_volumes(scene)
        or _arguments_without_parentheses(scene)
        or _loop_without_parentheses(scene)
        or _quoted_name(scene)
        or _dashed_name(scene)
        or _count_in_front(scene)
    )


def _label_with_equal(scene: Scene) -> Repair | None:
    """`c1 = conv(6, 5)`: what stands behind are layers, so a label is meant; or a value, `k = max(3, j)`."""
    name, token, opened = scene.steps[-1], scene.token, scene.place.opened
    if token.kind != "EQUAL" or name.token.kind != NAME or name.place.previous not in BEGINNINGS:
        return None
    if not opened or opened[0].kind != "LBRACE":
        return None
    if scene.raw[scene.at + 1].text in FUNCTIONS and name.at >= 0:
        there = scene.back(len(scene.steps) - 1)
        tokens = [sign("LET", name.token.start, "let"), (name.token, name.at), (token, scene.at)]
        return read_as(len(there.steps), there.place, tokens, scene.at + 1, missing(there, "LET", behind=False))
    if not _layers(scene):
        return None
    fix = Fix("write `:` instead", (Edit(scene.span(name.token.end, token.end), ":"),))
    advice = f"`{name.token.text}: …` names a volume, `let {name.token.text} = …` a value"
    problem = Unexpected(Site(token.span(scene.source)), Remedy(fix, advice), found="`=`", expected="`:`")
    colon = Token("COLON", token.start, token.end, ":"), scene.at
    return read_as(len(scene.steps), scene.place, [colon], scene.at + 1, problem)


def _layers(scene: Scene) -> bool:
    """Whether layers follow the token on its line, no value."""
    rest: list[Token] = []
    for token in scene.raw[scene.at + 1 :]:
        if token.kind in (NEWLINE, COMMENT, END):
            break
        rest.append(token)
    if sum((token.kind == "LPAR") - (token.kind == "RPAR") for token in rest) < 0:
        return False  # `fc=120) -> relu`
    called = [token.kind for token in rest[:2]] == [NAME, "LPAR"]
    return called or any(token.kind in ("ARROW", "LBRACE") for token in rest)


def _spaced_arrow(scene: Scene) -> Repair | None:
    """`conv(6, 5) - > relu`."""
    token, second = scene.token, scene.raw[min(scene.at + 1, len(scene.raw) - 1)]
    if token.text != "-" or second.text != ">" or not same_line(scene.source, token, second):
        return None
    span = scene.span(token.start, second.end)
    problem = Unexpected(Site(span), Remedy(Fix("write `->`", (Edit(span, "->"),))), f"`{span.text}`", "`->`")
    arrow = Token("ARROW", token.start, second.end, "->"), scene.at
    return read_as(len(scene.steps), scene.place, [arrow], scene.at + 2, problem)


def _sign_for_arrow(scene: Scene) -> Repair | None:
    """`conv(6, 5) | relu`, `conv(6, 5) > relu`: layers follow each other with `->`."""
    token, opened = scene.token, scene.place.opened
    if not (token.kind == "VBAR" or token.text == ">") or (opened and opened[0].kind != "LBRACE"):
        return None
    if not same_line(scene.source, scene.steps[-1].token, token):
        return None  # a branch of a join whose brace is missing
    arrow = Token("ARROW", token.start, token.end, "->")
    after = scene.place.feed(arrow, scene.at + 1)
    following = next(iter(after.following(scene.raw)), -1) if after else -1
    if after is None or following < 0 or after.feed(scene.raw[following], following + 1) is None:
        return None
    fix = Fix("write `->` instead", (Edit(token.span(scene.source), "->"),))
    advice = "`|` separates the branches of a join: `add { a | b }`" if token.kind == "VBAR" else ""
    problem = Unexpected(Site(token.span(scene.source)), Remedy(fix, advice), found=found(token), expected="`->`")
    return Repair(0, len(scene.steps), (Step(scene.place, arrow, scene.at),), after, lambda: problem)


def _sum_of_volumes(scene: Scene) -> Repair | None:
    """`a + b` where a stage stands: a join is meant."""
    first, names, index = scene.steps[-1], [(scene.steps[-1].token, scene.steps[-1].at)], scene.at
    if scene.token.text not in JOINS or first.token.kind != NAME or first.place.previous not in STARTS:
        return None
    while scene.raw[index].text == scene.token.text and scene.raw[index + 1].kind == NAME:
        names.append((scene.raw[index + 1], index + 1))
        index += 2
    if len(names) < 2 or scene.raw[index].kind not in ENDS:
        return None
    join, span = JOINS[scene.token.text], scene.span(first.token.start, names[-1][0].end)
    text = join.replace("…", " | ".join(token.text for token, _ in names))
    remedy = Remedy(Fix(f"write `{text}`", (Edit(span, text),)), "volumes are joined as the branches of a join")
    problem = Unexpected(Site(scene.token.span(scene.source)), remedy, found=found(scene.token), expected="`->`")
    head = [sign(NAME, span.start, join.partition(" ")[0]), sign("LBRACE", span.start, "{")]
    tokens = [*head, *listed(names, "VBAR", "|"), sign("RBRACE", span.end, "}")]
    return read_as(len(scene.steps) - 1, first.place, tokens, index, problem)


def _arguments_without_parentheses(scene: Scene) -> Repair | None:
    """`conv 6 5`, `maxpool 2`: arguments stand in parentheses."""
    name, index = scene.steps[-1], scene.at
    if scene.token.kind not in (NUMBER, SIZE) or name.token.kind != NAME or name.place.previous not in STARTS:
        return None
    if closest(name.token.text, ("input",)):
        return None  # `inptu 28x28x1`
    given = []
    while scene.raw[index].kind in (NUMBER, SIZE, "COMMA") and same_line(scene.source, name.token, scene.raw[index]):
        given += [(scene.raw[index], index)] if scene.raw[index].kind != "COMMA" else []
        index += 1
    if not given or scene.raw[index].kind not in ENDS:
        return None
    span = scene.span(scene.token.start, given[-1][0].end)
    text = f"({', '.join(token.text for token, _ in given)})"
    fix = Fix(f"write `{name.token.text}{text}`", (Edit(scene.span(name.token.end, span.end), text),))
    problem = _unparenthesized(Site(span), fix)
    tokens = [sign("LPAR", span.start, "("), *listed(given, "COMMA", ","), sign("RPAR", span.end, ")")]
    return read_as(len(scene.steps), scene.place, tokens, index, problem)


def _loop_without_parentheses(scene: Scene) -> Repair | None:
    """`for a, b in pairs`: several names stand in parentheses."""
    first, index = scene.steps[-1], scene.at
    if scene.token.kind != "COMMA" or first.token.kind != NAME or first.place.previous != "FOR":
        return None
    names = [(first.token, first.at)]
    while scene.raw[index].kind in ("COMMA", NAME):
        names.append((scene.raw[index], index))
        index += 1
    if scene.raw[index].kind != "IN":
        return None
    span = scene.span(first.token.start, names[-1][0].end)
    fix = Fix(f"write `({span.text})`", (Edit(scene.span(span.start, span.start), "("), Edit(span.after(), ")")))
    tokens = [sign("LPAR", span.start, "("), *names, sign("RPAR", span.end, ")")]
    return read_as(len(scene.steps) - 1, first.place, tokens, index, _unparenthesized(Site(span), fix))


def _unparenthesized(where: Site, fix: Fix) -> Missing:
    assert where.span is not None
    return Missing(where, Remedy(fix), what="a pair of parentheses", between=f" around `{where.span.text}`")


def _quoted_name(scene: Scene) -> Repair | None:
    """`"relu"` where a layer or a name stands: names have no quotes."""
    token, word = scene.token, scene.token.text.strip('"')
    accepted = scene.place.accepted()
    if (
        token.kind != STRING
        or NAME not in accepted
        or NUMBER in accepted
        or not (word.isidentifier() and word.isascii())
    ):
        return None
    fix = Fix(f"write `{word}`", (Edit(token.span(scene.source), word),))
    wanted = "a layer" if "IF" in accepted else "a name"
    problem = Unexpected(Site(token.span(scene.source)), Remedy(fix), found=found(token), expected=wanted)
    return read_as(
        len(scene.steps), scene.place, [(Token(NAME, token.start, token.end, word), scene.at)], scene.at + 1, problem
    )


def _dashed_name(scene: Scene) -> Repair | None:
    """`net my-net`, `my-label: conv(6, 5)`: names have no `-`."""
    first, index = scene.steps[-1], scene.at
    end = first.token.end
    while scene.raw[index].text == "-" and scene.raw[index].start == end and scene.raw[index + 1].text[:1].isalnum():
        end, index = scene.raw[index + 1].end, index + 2
    following = {"NET": ("LPAR", "LBRACE"), "BLOCK": ("LPAR", "LBRACE"), "FN": ("LPAR",), "LET": ("EQUAL",)}
    defined = scene.raw[index].kind in following.get(first.place.previous, ())
    labelled = first.place.previous in (*BEGINNINGS, "OUTPUT", "INPUT") and scene.raw[index].kind == "COLON"
    span = scene.span(first.token.start, end)
    word = span.text.replace("-", "_")
    if index == scene.at or not (defined or labelled) or not word.isidentifier():
        return None
    fix = Fix(f"call it `{word}`", (Edit(span, word),))
    why = "a name is made of letters, digits and `_`"
    problem = ForeignWord(Site(span), Remedy(fix), found=f"the name `{span.text}`", instead=why)
    meant = Token(NAME, span.start, span.end, word), first.at
    return read_as(len(scene.steps) - 1, first.place, [meant], index, problem)


def _count_in_front(scene: Scene) -> Repair | None:
    """`3 * { … }`: a count stands behind the braces."""
    kinds = [token.kind for token in scene.raw[scene.at : scene.at + 3]]
    end = _closing(scene, scene.at + 2) if kinds == [NUMBER, "STAR", "LBRACE"] else -1
    if end < 0 or "LBRACE" not in scene.place.accepted():
        return None
    brace, last = scene.raw[scene.at + 2], scene.raw[end].end
    edits = Edit(scene.span(scene.token.start, brace.start), ""), Edit(scene.span(last, last), f" * {scene.token.text}")
    span = scene.span(scene.token.start, scene.raw[scene.at + 1].end)
    remedy = Remedy(Fix("put it behind the braces", edits), "how often a group stands is said behind it: `{ … } * 3`")
    problem = Unexpected(Site(span), remedy, found=f"`{span.text}`", expected="a layer")
    return Repair(0, len(scene.steps), (), scene.place._replace(at=scene.at + 2), lambda: problem)


def _closing(scene: Scene, opener: int) -> int:
    """The position of the brace that closes the one at a position; -1 if none does."""
    depth = 0
    for index in range(opener, len(scene.raw)):
        depth += (scene.raw[index].kind == "LBRACE") - (scene.raw[index].kind == "RBRACE")
        if not depth:
            return index
    return -1
