"""Short ways to elaborate a text and look at what came of it."""

from __future__ import annotations

from cnndsl.diagnostic import Diagnostic
from cnndsl.graph import Graph
from cnndsl.pipeline import check
from cnndsl.source import Source


def graph(text: str, **options: object) -> Graph:
    """The graph of the last net; fails with the messages if there are errors."""
    checked = check(Source("test.cnn", text), folder=".", all_nets=False, **options)  # type: ignore[arg-type]
    assert checked.nets, [d.title for d in checked.diagnostics]
    found = checked.nets[-1].graph
    assert found is not None, [f"{d.code} {d.title}" for d in checked.diagnostics]
    return found


def body(statements: str, **options: object) -> Graph:
    """The graph of a net with these statements."""
    return graph(f"net Test {{\n{statements}\n}}\n", **options)


def errors(text: str, **options: object) -> list[Diagnostic]:
    """The errors of a text, in order."""
    checked = check(Source("test.cnn", text), folder=".", **options)  # type: ignore[arg-type]
    return [d for d in checked.diagnostics if d.severity == "error"]


def codes(text: str, **options: object) -> list[str]:
    return [d.code for d in errors(text, **options)]


def body_codes(statements: str) -> list[str]:
    return codes(f"net Test {{\n{statements}\n}}\n")


def paths(found: Graph) -> list[str]:
    return [node.path for node in found.nodes]


def volumes(found: Graph) -> list[str]:
    return [str(node.volume) for node in found.nodes]
