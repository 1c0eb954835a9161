"""What the inputs are made from: small programs, and each net of the zoo with what it needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from cnndsl import syntax
from cnndsl.elaborate import Elaboration
from cnndsl.pipeline import parse
from cnndsl.source import Source

TESTS = Path(__file__).parents[1]
ZOO = TESTS.parent / "cnndsl" / "zoo"
#: bytes of a small program, and of a small input
SMALL = 120


class Seed(NamedTuple):
    """A text to start from, and how often it is taken relative to others: about 1/CPU time of its check."""

    name: str
    text: str
    weight: float = 1.0


@cache
def small() -> tuple[Seed, ...]:
    """The golden programs and the programs of the parser's tests that are small."""
    paths = [*(TESTS / "golden").rglob("*.cnn"), *(TESTS / "parse" / "programs").glob("*.cnn")]
    paths = sorted(path for path in paths if path.parent.name != "limits")
    texts = [(path.name, path.read_bytes().decode("utf-8", "replace")) for path in paths]
    plain = [
        (name, "\n".join(line for line in text.splitlines() if not line.startswith("# args:"))) for name, text in texts
    ]
    return tuple(Seed(name, text) for name, text in plain if 0 < len(text) <= SMALL)


@cache
def zoo() -> tuple[Seed, ...]:
    """Each net of the zoo that can be checked: its file without the other nets, but those it stands on.

    A file as a whole expands to thousands of layers, nearly all of them the same in every mutation.
    """
    found: list[Seed] = []
    for path in sorted(ZOO.glob("*.cnn")):
        source = Source(path.name, path.read_text(encoding="utf-8"))
        module, problems = parse(source, str(ZOO))
        assert module is not None and not problems
        ready = [net for net in module.nets if not Elaboration(net).required()]
        plain = [net for net in ready if isinstance(net.syntax, syntax.Net)]
        for net in ready:
            others = [other.syntax for other in ready if other is not net and other not in plain]
            nodes = len(Elaboration(net).checked().graph.nodes)  # type: ignore[union-attr]
            found.append(Seed(f"{path.name}:{net.name}", _without(source.text, others), 1 / nodes / len(ready)))
    return tuple(found)


def _without(text: str, items: list[syntax.Definition]) -> str:
    for item in sorted(items, key=lambda item: -item.span.start):
        text = text[: item.span.start] + text[item.span.end :]
    return text
