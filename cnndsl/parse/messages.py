"""What is said about a change that makes the text readable."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix, Label
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.spelling import WordOfTheLanguage
from cnndsl.errors.syntax import NO_REMEDY, ClosesNothing, Missing, Remedy, Superfluous, Unclosed, Unexpected
from cnndsl.parse.lexer import END, NAME, NEWLINE, NUMBER
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Scene, indentation, same_line
from cnndsl.parse.table import table
from cnndsl.parse.words import LONGEST, expected, found, name_of, text_of
from cnndsl.source import Span

_TIGHT = {"RPAR", "RSQB", "COMMA", "COLON", "DOT", "LPAR", "LSQB", "RANGE"}
"""Signs without a space before them."""


def missing(scene: Scene, kind: str, behind: bool = True) -> Problem:
    """A token of that kind belongs behind the one before, or else before the one of the scene."""
    span = _gap(scene, kind, behind)
    word = text_of(kind)
    blank = Span(scene.source, span.start, _after_blanks(scene, span.start))
    edit = Edit(blank if kind in ("LPAR", "LSQB") else span, _spaced(scene, span, word, kind))
    fix = Fix(f"add `{word}` here", (edit,)) if word else None
    if kind == NEWLINE:
        fix = Fix("start a new line here", (Edit(blank, "\n" + " " * indentation(scene.source, scene.token)),))
    if kind in CLOSERS:
        opener = scene.place.opened[0]
        return Unclosed(
            Site(span), Remedy(fix), opener=f"`{opener.text}`", closer=f"`{word}`", opened=opener.span(scene.source)
        )
    what = _thing(scene) if kind == NAME else name_of(kind)
    if kind == "ELSE" and scene.token.kind not in (NUMBER, NAME, "LBRACE"):
        what, fix = "`else` with a value", None
    return Missing(Site(span), Remedy(fix), what=what, between=_between(scene, span.start))


def _thing(scene: Scene) -> str:
    """What a name would be at this place."""
    if scene.token.kind == "EQUAL":
        return "a name"
    accepted = scene.place.accepted()
    if NUMBER in accepted:
        return "a value"
    following = [token.kind for token in scene.raw[scene.at : scene.at + 3] if token.kind != NEWLINE]
    if following[:2] == ["LBRACE", "VBAR"]:
        return "the name of the join"
    return "a layer" if "IF" in accepted else "a name"


def superfluous(scene: Scene) -> Problem:
    """Without the token the text is right."""
    source, token = scene.source, scene.token
    span = token.span(source)
    fix = Fix(f"remove {found(token)}", (Edit(span, ""),))
    if token.kind == NEWLINE and token.text == "\n":
        after = source.text[token.end :]
        joined = Span(source, token.start, token.end + len(after) - len(after.lstrip()))
        commented = after.lstrip().startswith("#") or "#" in source.line(token.span(source).position[0])
        fix = Fix("go on on the same line", () if commented else (Edit(joined, " "),))
        return Superfluous(Site(span), Remedy(fix), found="a new line", why="what follows belongs on this line")
    if token.kind in CLOSERS and (token.kind == "RBRACE" or not _opened(scene)):
        return _closes_nothing(scene, fix)
    before = scene.before
    twice = before and (before.kind, before.text) == (token.kind, token.text)
    why = "it stands twice" if twice else "without it, this can be read"
    return Superfluous(Site(span), Remedy(fix), found=found(token), why=why)


def _closes_nothing(scene: Scene, fix: Fix) -> Problem:
    """A closing bracket or brace that has nothing to close, or closes a brace to which more belongs."""
    where, found = Site(scene.token.span(scene.source)), f"`{scene.token.text}`"
    if scene.token.kind != "RBRACE" or not scene.place.opened:
        return ClosesNothing(where, Remedy(fix), found=found)
    opener = Label(scene.place.opened[0].span(scene.source), "what it closes")
    return ClosesNothing(
        where, Remedy(fix, others=(opener,)), found=found, closes="too much", why="more belongs inside"
    )


def replaced(scene: Scene, kind: str) -> Problem:
    """A token of that kind belongs in the place of the one that is there."""
    token, word = scene.token, text_of(kind)
    span = token.span(scene.source)
    fix = Fix(f"write `{word}` instead", (Edit(span, word),)) if word else None
    if kind == "LBRACE" and scene.source.text[token.start - 1 : token.start].strip():
        fix = Fix(f"write `{word}` instead", (Edit(span, f" {word}"),))
    if kind == NAME and token.text in table().words:
        fix = Fix(f"call it `{token.text}_`", (Edit(span, f"{token.text}_"),))
        return WordOfTheLanguage(Site(span), Remedy(fix), word=token.text)
    if kind == NEWLINE:
        fix = Fix("start a new line instead", (Edit(span, "\n"),))
    wanted = _thing(scene) if kind == NAME else name_of(kind)
    others: tuple[Label, ...] = ()
    if kind in CLOSERS and scene.place.opened:
        others = (Label(scene.place.opened[0].span(scene.source), "opened here"),)
    return Unexpected(Site(span), Remedy(fix, others=others), found=found(token), expected=wanted)


def unexpected(scene: Scene) -> Problem:
    """No small change helps: what was found, and what can stand there."""
    token = scene.token
    span = token.span(scene.source)
    if token.kind in (NEWLINE, END) and scene.before:
        span = scene.before.span(scene.source).after()
    return Unexpected(Site(span), NO_REMEDY, found=found(token), expected=expected(scene.place.accepted()))


def _opened(scene: Scene) -> bool:
    """Whether a bracket is open that the token could close."""
    return any(OPENERS[bracket.kind] == scene.token.kind for bracket in scene.place.brackets())


def _gap(scene: Scene, kind: str, behind: bool) -> Span:
    """Where a token is put in: behind the one before, or before the one of the scene."""
    before, token = scene.before, scene.token
    word = text_of(kind)
    glued = kind in _TIGHT or not word.isalnum()
    if before is None or not (behind or same_line(scene.source, before, token)):
        return scene.span(token.start, token.start)
    if glued or token.kind in (NEWLINE, END) or not same_line(scene.source, before, token):
        return scene.span(before.end, before.end)
    return scene.span(token.start, token.start)


def _after_blanks(scene: Scene, offset: int) -> int:
    """Where the blanks from an offset on end."""
    text = scene.source.text
    while text[offset : offset + 1] in (" ", "\t"):
        offset += 1
    return offset


def _spaced(scene: Scene, span: Span, word: str, kind: str) -> str:
    """The text to put in, with the spaces around it that a reader expects."""
    text = scene.source.text
    left = text[span.start - 1 : span.start]
    right = text[span.start : span.start + 1]
    if kind not in _TIGHT and left and not left.isspace() and left not in "([":
        word = f" {word}"
    if (kind not in _TIGHT or kind in ("COMMA", "COLON")) and right and not right.isspace() and right not in ")],;":
        word = f"{word} "
    return word


def _between(scene: Scene, at: int) -> str:
    """Between which tokens something is missing, or after which."""
    before, token = scene.before, scene.token
    if before is None:
        return ""
    texts = [f"`{each.text}`" for each in (before, token) if len(each.text) <= LONGEST]
    if len(texts) < 2:
        return ""
    if token.kind in (NEWLINE, END):
        return f" after {texts[0]}"
    if not same_line(scene.source, before, token):
        return f" before {texts[1]}" if at == token.start else f" after {texts[0]}"
    return f" between {texts[0]} and {texts[1]}"
