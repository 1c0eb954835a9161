"""What is said about a change that makes the text readable."""

from __future__ import annotations

from cnndsl.diagnostic import Edit, Fix, Label
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.syntax import (
    NO_REMEDY,
    ClosesNothing,
    Missing,
    Remedy,
    Superfluous,
    Unclosed,
    Unexpected,
    WordOfTheLanguage,
)
from cnndsl.parse.lexer import END, NAME, NEWLINE, Token
from cnndsl.parse.newlines import CLOSERS, OPENERS
from cnndsl.parse.scene import Scene, same_line
from cnndsl.parse.table import table
from cnndsl.parse.words import expected, found, name_of, text_of
from cnndsl.source import Span

_TIGHT = {"RPAR", "RSQB", "COMMA", "COLON", "DOT", "LPAR", "LSQB", "RANGE"}
"""Signs without a space before them."""


def missing(scene: Scene, kind: str) -> Problem:
    """A token of that kind belongs before the one that cannot stand."""
    span = _gap(scene, kind)
    word = text_of(kind)
    edit = Edit(span, _spaced(scene, span, word, kind))
    fix = Fix(f"add `{word}` here", (edit,)) if word else None
    if kind == NEWLINE:
        fix = Fix("start a new line here", (Edit(span, "\n"),))
    if kind in CLOSERS:
        opener = scene.place.opened[0]
        return Unclosed(
            Site(span), Remedy(fix), opener=f"`{opener.text}`", closer=f"`{word}`", opened=opener.span(scene.source)
        )
    what = expected(scene.place.accepted()) if kind == NAME else name_of(kind)
    if kind == NAME and " or " in what:
        what = what.split(",")[0].split(" or ")[0]
    return Missing(Site(span), Remedy(fix), what=what, between=_between(scene))


def superfluous(scene: Scene, token: Token) -> Problem:
    """Without that token the text is right."""
    source, span = scene.source, token.span(scene.source)
    fix = Fix(f"remove {found(token)}", (Edit(span, ""),))
    if token.kind == NEWLINE and token.text == "\n":
        after = source.text[token.end :]
        joined = Span(source, token.start, token.end + len(after) - len(after.lstrip()))
        commented = after.lstrip().startswith("#") or "#" in source.line(token.span(source).position[0])
        fix = Fix("go on on the same line", () if commented else (Edit(joined, " "),))
        return Superfluous(Site(span), Remedy(fix), found="a new line", why="what follows belongs on this line")
    if token.kind in CLOSERS and (token is not scene.token or not _opened(scene, token)):
        return ClosesNothing(Site(span), Remedy(fix), found=f"`{token.text}`")
    before = scene.before
    twice = before and token is scene.token and (before.kind, before.text) == (token.kind, token.text)
    why = "it stands twice" if twice else "without it this can be read"
    return Superfluous(Site(span), Remedy(fix), found=found(token), why=why)


def replaced(scene: Scene, token: Token, kind: str) -> Problem:
    """A token of that kind belongs in the place of another."""
    span, word = token.span(scene.source), text_of(kind)
    fix = Fix(f"write `{word}` instead", (Edit(span, word),)) if word else None
    if kind == NAME and token.text in table().words:
        fix = Fix(f"call it `{token.text}_`", (Edit(span, f"{token.text}_"),))
        return WordOfTheLanguage(Site(span), Remedy(fix), word=token.text)
    wanted = name_of(kind)
    others: tuple[Label, ...] = ()
    if kind in CLOSERS and token is scene.token and scene.place.opened:
        others = (Label(scene.place.opened[0].span(scene.source), "opened here"),)
    return Unexpected(Site(span), Remedy(fix, others=others), found=found(token), expected=wanted)


def unexpected(scene: Scene) -> Problem:
    """No small change helps: what was found, and what can stand there."""
    token = scene.token
    span = token.span(scene.source)
    if token.kind in (NEWLINE, END) and scene.before:
        span = scene.before.span(scene.source).after()
    return Unexpected(Site(span), NO_REMEDY, found=found(token), expected=expected(scene.place.accepted()))


def _opened(scene: Scene, closer: Token) -> bool:
    """Whether a bracket is open that this one could close."""
    return any(OPENERS[token.kind] == closer.kind for token in scene.place.brackets())


def _gap(scene: Scene, kind: str) -> Span:
    """Where a token is put in: behind the one before, or before the one that cannot stand."""
    before, token = scene.before, scene.token
    word = text_of(kind)
    glued = kind in _TIGHT or not word.isalnum()
    if before is None or scene.place.previous == NEWLINE:
        return scene.span(token.start, token.start)
    if glued or token.kind in (NEWLINE, END) or not same_line(scene.source, before, token):
        return scene.span(before.end, before.end)
    return scene.span(token.start, token.start)


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


def _between(scene: Scene) -> str:
    """Between which tokens something is missing, or after which."""
    before, token = scene.before, scene.token
    if before is None:
        return ""
    left = f"`{before.text}`" if len(before.text) <= 40 else ""
    if not left:
        return ""
    if token.kind in (NEWLINE, END) or not same_line(scene.source, before, token) or len(token.text) > 40:
        return f" after {left}"
    return f" between {left} and `{token.text}`"
