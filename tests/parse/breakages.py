"""Programs with one token broken: deleted, inserted, replaced or doubled, by a seeded choice."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

from cnndsl.parse.lexer import END, Token, tokenize
from cnndsl.parse.newlines import significant

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted([*(Path(__file__).parent / "programs").glob("*.cnn"), *(ROOT / "examples").glob("*.cnn")])


class Breakage(NamedTuple):
    """A broken program, what was done, and the lines on which the mistake now stands."""

    text: str
    what: str
    lines: set[int]


def meant(text: str) -> list[Token]:
    """The tokens of a program that its grammar sees."""
    tokens = tokenize(text)
    return [tokens[index] for index in significant(tokens) if tokens[index].kind != END]


def breakages(seed: int, count: int) -> list[Breakage]:
    """That many breakages, of which some may still be programs."""
    random = Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in PROGRAMS]
    spellings = sorted({token.text for text in texts for token in meant(text)})
    return [broken(random, random.choice(texts), spellings) for _ in range(count)]


def broken(random: Random, text: str, spellings: list[str]) -> Breakage:
    token = random.choice(meant(text))
    other = random.choice([spelling for spelling in spellings if spelling != token.text])
    how = random.choice(("delete", "insert", "replace", "double") if token.text != "\n" else ("delete", "replace"))
    new = {"delete": "", "insert": f"{other} {token.text}", "replace": other, "double": f"{token.text} {token.text}"}
    before, after = text[: token.start], text[token.end :]
    line = before.count("\n") + 1
    what = f"{how} {token.text!r} in line {line}" + (f" with {other!r}" if how in ("insert", "replace") else "")
    if how == "delete" and token.text != "\n" and not (before.rpartition("\n")[2] + after.partition("\n")[0]).strip():
        # alone on its line, which goes with it: the mistake is between the lines beside it
        return Breakage(before.rpartition("\n")[0] + "\n" + after.partition("\n")[2], what, {line - 1, line})
    lines = {line, line + 1} if "\n" in new[how] else {line}
    return Breakage(before + spaced(before, new[how], after, token.text == "\n") + after, what, lines)


def spaced(before: str, new: str, after: str, newline: bool) -> str:
    """A text to put between two others so that its tokens stay apart from theirs."""
    if not new:
        return " " if newline or (word(before[-1:]) and word(after[:1])) else ""
    left = " " if newline or (word(before[-1:]) and word(new[:1])) else ""
    right = " " if newline or (word(new[-1:]) and word(after[:1])) else ""
    return left + new + right


def word(character: str) -> bool:
    return character.isalnum() or character == "_"
