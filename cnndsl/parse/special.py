"""Mistakes that are known by their looks: signs of other languages, comments of theirs, two comparisons in a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cnndsl.diagnostic import Edit, Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import ForeignWord
from cnndsl.errors.syntax import ChainedComparison, Missing, Remedy
from cnndsl.parse.automaton import reach, shift
from cnndsl.parse.braced import repeated
from cnndsl.parse.colons import colon
from cnndsl.parse.foreign import BEGINNINGS, BORDERS, CLAUSES, ELIFS, FENCE, SIGNS, SUITES, TEXTS
from cnndsl.parse.forms import form
from cnndsl.parse.habits import habit
from cnndsl.parse.lexer import COMMENT, END, FOREIGN, NAME, NEWLINE, STRING, Token
from cnndsl.parse.messages import superfluous
from cnndsl.parse.newlines import START
from cnndsl.parse.scene import Repair, Scene, Step, begins_line, indentation, put, same_line
from cnndsl.parse.skipping import skip
from cnndsl.parse.table import table
from cnndsl.parse.words import text_of
from cnndsl.parse.wrong_brackets import wrong_bracket

NEEDED, LOOK = 3, 40

_STATEMENT_ENDS = (NEWLINE, "LBRACE", "VBAR", START)


def special(scene: Scene) -> Repair | None:
    """The repair of such a mistake; None if it is none."""
    if scene.token.kind == FOREIGN:
        return _foreign(scene)
    return (
        _comment(scene)
        or _comparison(scene)
        or _word(scene)
        or repeated(scene)
        or _no_parameters(scene)
        or _nameless_output(scene)
        or form(scene)
        or colon(scene)
        or habit(scene)
        or wrong_bracket(scene)
        or _line_break(scene)
    )


def _foreign(scene: Scene) -> Repair:
    token = scene.token
    for border, (found, instead) in BORDERS.items():
        if token.text.startswith(border):
            word = "" if border == FENCE else None
            return _aside(scene, partial(_say, scene, token, found, instead, word))
    kinds = ("ARROW",) if token.text.startswith("--") else SIGNS.get(token.text, ())
    text = ""
    if token.text.startswith("'"):
        kinds, text = (STRING,), f'"{token.text[1:-1]}"'
    for kind in kinds:
        word = text or TEXTS.get(kind) or text_of(kind)
        meant = Token(kind, token.start, token.end, word)
        after = scene.place.feed(meant, scene.at + 1)
        if after:
            problem = partial(_say, scene, token, f"`{token.text}`", f"here it is `{word}`", word)
            step = Step(scene.place, meant, scene.at)
            return Repair(0, len(scene.steps), (step,), after, problem)
    instead = f"here it is `{text_of(kinds[0])}`" if kinds else "there is no such sign"
    if token.text.endswith("=") and not kinds:
        instead = "a value stays what it is: name another with `let`"
    return _without(scene, partial(_say, scene, token, f"`{token.text}`", instead, None), sure=False)


def _say(scene: Scene, token: Token, found: str, instead: str, word: str | None) -> Problem:
    text, span = scene.source.text, token.span(scene.source)
    if word and word.isalpha() and text[token.end : token.end + 1].strip():
        word += " "
    if word and word.strip().isalpha() and text[token.start - 1 : token.start].strip(" \t\n(["):
        word = " " + word
    fix = Fix(f"write `{word.strip()}`", (Edit(span, word),), safe=True) if word else None
    if word == "":
        rest = text[token.end :]
        blank = len(rest) - len(rest.lstrip(" \t"))
        fix = Fix(f"remove {found}", (Edit(scene.span(token.start, token.end + blank), ""),))
    return ForeignWord(Site(span), Remedy(fix), found=found, instead=instead)


def _aside(scene: Scene, problem: partial[Problem]) -> Repair:
    """What belongs to no program left out, with the new line before it where it has a line of its own."""
    keep, place = len(scene.steps), scene.place
    if scene.raw[scene.at + 1].kind in (NEWLINE, END):
        keep, place = scene.without_newline()
    return Repair(0, keep, (), place._replace(at=scene.at + 1), problem)


def _without(scene: Scene, problem: partial[Problem], sure: bool) -> Repair:
    return Repair(0, len(scene.steps), (), scene.place._replace(at=scene.at + 1), problem, sure)


def _comment(scene: Scene) -> Repair | None:
    """`// words` or `% words` where no value can be divided, or where words follow that belong to no expression."""
    keep, place, index = len(scene.steps), scene.place, scene.at
    if not _slashes(scene.raw, index):
        words = 0
        while keep and scene.steps[keep - 1].token.kind in (NAME, *table().words.values()):
            keep, words = keep - 1, words + 1
        if not keep or not words or not _slashes(scene.raw, scene.steps[keep - 1].at):
            return None
        keep -= 1
        place, index = scene.steps[keep].place, scene.steps[keep].at
        if not same_line(scene.source, scene.raw[index], scene.token):
            return None
    token, end = scene.raw[index], index
    while not (scene.raw[end].kind == NEWLINE and scene.raw[end].text == "\n") and end < len(scene.raw) - 1:
        end += 1
    depth = sum((token.kind == "LBRACE") - (token.kind == "RBRACE") for token in scene.raw[index:end])
    if depth or not reach(place._replace(at=end), scene.raw, end - 1, 1):
        return None
    edit = Edit(token.span(scene.source), "#")
    problem = ForeignWord(
        Site(token.span(scene.source)),
        Remedy(Fix("begin the comment with `#`", (edit,), safe=True)),
        found=f"a comment with `{token.text}`",
        instead="a comment begins with `#`",
    )
    return Repair(0, keep, (), place._replace(at=end), lambda: problem)


def _word(scene: Scene) -> Repair | None:
    """A word that begins a statement elsewhere, or stands within one."""
    keep, place, index = len(scene.steps), scene.place, scene.at
    if [step.token.kind for step in scene.steps[-3:]] == ["RBRACE", NEWLINE, NAME] and scene.steps[
        -1
    ].token.text in ELIFS:
        # on a line of its own it was read as the name of a layer
        keep, place, index = keep - 2, scene.steps[-2].place, scene.steps[-1].at
        meanings, instead = CLAUSES[scene.steps[-1].token.text]
    elif scene.token.text in CLAUSES:
        meanings, instead = CLAUSES[scene.token.text]
    else:
        if not (scene.token.text in BEGINNINGS and place.previous in _STATEMENT_ENDS) and scene.steps:
            keep, (place, _, index) = keep - 1, scene.steps[-1]
        if index < 0 or scene.raw[index].text not in BEGINNINGS or place.previous not in _STATEMENT_ENDS:
            return None
        meanings, instead = BEGINNINGS[scene.raw[index].text]
    token = scene.raw[index]
    if token.text in SUITES and (behind := _suite(scene, index)) > index:
        problem = partial(_say, scene, token, f"`{token.text}`", instead, None)
        if scene.raw[behind].kind == END:
            keep, place = scene.back(keep).without_newline()
        return Repair(0, keep, (), place._replace(at=behind), problem, sure=False)
    # behind an `elif` a colon follows soon
    best, furthest = None, 0 if token.text in ELIFS else NEEDED - 1
    for kinds in meanings:
        fed, after = put(place, *kinds) or ([], place)
        after = after._replace(at=index + 1)
        reached = reach(after, scene.raw, index, LOOK)
        if len(fed) == len(kinds) and reached > furthest:
            best, furthest = (fed, after, " ".join(map(text_of, kinds))), reached
    if best is None:
        there = Scene(scene.source, scene.raw, scene.steps[:keep], place, index)
        problem = partial(_say, scene, token, f"`{token.text}`", instead, None)
        return skip(there, scene.at)._replace(problem=problem)
    fed, after, word = best
    problem = partial(_say, scene, token, f"`{token.text}`", instead, word)
    return Repair(0, keep, tuple(fed), after, problem, sure=token.text in CLAUSES)


def _suite(scene: Scene, index: int) -> int:
    """The position behind the lines that belong to Python's `class …:` at a position; the same if there is no `:`."""
    ended = next(at for at in range(index, len(scene.raw)) if scene.raw[at].kind in (NEWLINE, END))
    if scene.raw[ended - 1].kind != "COLON":
        return index
    least = indentation(scene.source, scene.raw[index])
    for at in range(ended, len(scene.raw)):
        token = scene.raw[at]
        if token.kind == END or (
            token.kind not in (NEWLINE, COMMENT)
            and begins_line(scene.source, token)
            and indentation(scene.source, token) <= least
        ):
            return at
    return index


def _no_parameters(scene: Scene) -> Repair | None:
    """A function whose name is not followed by parentheses."""
    fed = put(scene.place, "LPAR", "RPAR")
    if scene.token.kind != "EQUAL" or fed is None or scene.steps[-2].token.kind != "FN":
        return None
    name = scene.steps[-1].token
    span = name.span(scene.source).after()
    remedy = Remedy(Fix("add `()` here", (Edit(span, "()"),)), "a value needs none: `let name = …`")
    problem = Missing(Site(span), remedy, what="`()`", between=f" after `{name.text}`")
    return Repair(0, len(scene.steps), tuple(fed[0]), fed[1], lambda: problem)


def _nameless_output(scene: Scene) -> Repair | None:
    """`output backbone.c4`: what stands behind a dot is an output under a name of its own."""
    if scene.token.kind != "DOT" or len(scene.steps) < 2 or scene.steps[-2].token.kind != "OUTPUT":
        return None
    first, name, index = scene.steps[-1], scene.steps[-1].token, scene.at
    while scene.raw[index].kind == "DOT" and scene.raw[index + 1].kind == NAME:
        name, index = scene.raw[index + 1], index + 2
    if first.at < 0 or name is first.token:
        return None
    start, place, fed = first.token.start, first.place, []
    for kind, text in ((NAME, name.text), ("COLON", ":")):
        token = Token(kind, start, start, text)
        after = place.feed(token, first.at)
        assert after is not None, "an output can be given a name"
        fed.append(Step(place, token, -1))
        place = after
    before = scene.span(start, start)
    remedy = Remedy(Fix(f"call it `{name.text}`", (Edit(before, f"{name.text}: "),)))
    problem = Missing(Site(before), remedy, what="a name", between=" for this output")
    return Repair(0, len(scene.steps) - 1, tuple(fed), place, lambda: problem)


def _line_break(scene: Scene) -> Repair | None:
    """A new line behind the colon of a label, or before a brace that belongs to what stands before."""
    if scene.token.kind != NEWLINE or scene.token.text == ";":
        return None
    following = next(token for token in scene.raw[scene.at :] if token.kind not in (NEWLINE, COMMENT))
    joined = following.kind == "LBRACE" and shift(scene.place.stack, "LBRACE")
    if not joined and (scene.place.previous != "COLON" or not shift(scene.place.stack, following.kind)):
        return None
    return _without(scene, partial(superfluous, scene), sure=True)


def _slashes(raw: Sequence[Token], index: int) -> bool:
    return raw[index].kind == "DIVIDE" and raw[index].text in ("//", "%")


def _comparison(scene: Scene) -> Repair | None:
    """A comparison behind another one of the same expression: read on as if they were joined with `and`."""
    if scene.token.kind != "COMPARISON":
        return None
    opened = scene.place.opened
    for step in reversed(scene.steps):
        if step.place.opened == opened and step.token.kind == "COMPARISON":
            break
        if step.place.opened == opened and step.token.kind in ("AND", "OR", "NOT", "COMMA", "EQUAL", NEWLINE, "IF"):
            return None
    else:
        return None
    token = scene.token
    middle = scene.source.text[step.token.end : token.start].strip()
    joined = Token("AND", token.start, token.start, "and")
    after = scene.place.feed(joined, scene.at + 1)
    if after is None:
        return None
    edit = Edit(scene.span(token.start, token.start), f"and {middle} ")
    problem = ChainedComparison(Site(token.span(scene.source)), Remedy(Fix(f"compare `{middle}` twice", (edit,))))
    return Repair(0, len(scene.steps), (Step(scene.place, joined, -1),), after, lambda: problem)
