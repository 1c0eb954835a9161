"""Mutations of a text, by a generator that is given: of its bytes, its tokens, its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from random import Random
from typing import Any

from cnndsl import syntax
from cnndsl.parse import parse
from cnndsl.source import Source
from tests.fuzz import seeds
from tests.parse.breakages import broken, meant
from tests.random_programs.mutants import mutated

Mutation = Callable[[Random, str], str]

#: pieces that bytes alone would rarely make
PIECES = ("\r\n", "\r", "\t", "\ufeff", "\u00a0", "\u2192", "\u00d7", "é", "😀", "\u0301", "\u202e", "\x00", "\\", "'")
PIECES += ("->", "..", "1e999", "0x1F", "1_000", "9" * 40, "-", "?", "#", "# cnnc: allow(", '"', "}" * 3, "{" * 3)
#: values that stand at some limit
VALUES = (
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "224",
    "2**31",
    "10**30",
    "1e308",
    "-0.0",
    "0.5",
    "?",
    "?x?x3",
    "1x1",
    "(1, 2)",
)
VALUES += ("[]", "[1, 2]", "true", "none", '"same"', "same", "in", "in.channels", "0..3", "3..0", "1 / 0", "x", "8x8x3")
#: what may stand for each other in a tree
FAMILIES = (syntax.Expression, syntax.Stage, syntax.Statement, syntax.Argument, syntax.Body, syntax.Parameter)
Place = tuple[int, int]


def of_bytes(rng: Random, text: str) -> str:
    """One to four slips: characters lost, doubled, changed, pieces put in, a piece of another text."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 1, 1, 2, 5, 20)))
        other = rng.choice(seeds.small()).text
        cut = rng.randrange(len(other) + 1)
        new = ("", text[start:end] * 2, chr(rng.randrange(1, 256)), rng.choice(PIECES), other[cut : cut + 9])
        text = text[:start] + rng.choice(new) + text[end:]
    return text


def of_tokens(rng: Random, text: str) -> str:
    """One or two slips of a hurried hand, or a token deleted, inserted, replaced or doubled."""
    if len(meant(text)) < 4:  # too little to take from
        return f"{text} {rng.choice(spellings())}"
    return mutated(rng, text) if rng.random() < 0.5 else broken(rng, text, spellings()).text


@cache
def spellings() -> list[str]:
    """All tokens of the zoo and the small programs."""
    whole = [path.read_text(encoding="utf-8") for path in sorted(seeds.ZOO.glob("*.cnn"))]
    texts = [*whole, *(seed.text for seed in seeds.small())]
    return sorted({token.text for text in texts for token in meant(text)})


def of_trees(rng: Random, text: str) -> str:
    """One to three changes of the tree: a part replaced by one of its kind, deleted, doubled, swapped, wrapped."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        families = {family: places for family, places in parts(text).items() if places}
        if not families:
            return of_tokens(rng, text)
        family = rng.choice(list(families))
        start, end = rng.choice(families[family])
        here = text[start:end]
        text = text[:start] + _other(rng, family, here, text) + text[end:]
    return text


def _other(rng: Random, family: str, here: str, text: str) -> str:
    """What stands in the place of a part of the tree."""
    match rng.randrange(6):
        case 0:
            donor = rng.choice(seeds.small()).text
        case 1 | 2:
            donor = text
        case 3:
            return ""
        case 4:
            join = {"Expression": " + ", "Stage": " -> ", "Argument": ", ", "Parameter": ", "}.get(family, "\n")
            return f"{here}{join}{here}"
        case _:
            return _wrapped(rng, family, here)
    places = parts(donor).get(family)
    if not places:
        return rng.choice(VALUES)
    start, end = rng.choice(places)
    return donor[start:end]


def _wrapped(rng: Random, family: str, here: str) -> str:
    if family == "Expression":
        return rng.choice((rng.choice(VALUES), f"({here})", f"-{here}", f"{here} * 2", f"{here} if {here} else 1"))
    if family == "Stage":
        many = rng.choice(("", " * 2", " * 0", " * 1000", " * 10**9"))
        return rng.choice((f"{{ {here} }}{many}", f"add {{ | {here} | in }}", f"if true {{ {here} }}"))
    return f"for i in 0..2 {{\n{here}\n}}" if family == "Statement" else f"{here} {here}"


@lru_cache(maxsize=4096)
def parts(text: str) -> dict[str, list[Place]]:
    """The places of the parts of each family in the tree of a text, as far as it could be read."""
    found: dict[str, list[Place]] = {family.__name__: [] for family in FAMILIES}
    tree, _ = parse(Source("mutation", text))
    for node in _nodes(tree):
        for family in FAMILIES:
            if isinstance(node, family):
                found[family.__name__].append((node.span.start, node.span.end))
    return found


def _nodes(value: Any) -> Iterator[syntax.Node]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting += item
        elif isinstance(item, syntax.Node):
            yield item
            waiting += [getattr(item, field) for field in type(item).fields if field not in ("span", "close")]


MUTATIONS: dict[str, Mutation] = {"bytes": of_bytes, "tokens": of_tokens, "trees": of_trees}
