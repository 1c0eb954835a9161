"""One file a lint, found by looking through this package: adding a file is all it takes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from cnndsl.diagnostic import Diagnostic
from cnndsl.discover import modules
from cnndsl.graph import Graph
from cnndsl.lints.base import Lint

__all__ = ["Lint", "lint", "lints"]


@cache
def lints() -> tuple[type[Lint], ...]:
    """Every lint, in the order of the codes."""
    found: set[type[Lint]] = set()
    for module in modules(__path__):
        for item in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(item, type) and issubclass(item, Lint) and item.code:
                found.add(item)
    return tuple(sorted(found, key=lambda item: item.code))


def lint(graph: Graph) -> Iterable[Diagnostic]:
    """What the lints find in a graph; a place in a repeated block is named once."""
    said = set()
    for rule in lints():
        for problem in rule.check(graph):
            diagnostic = problem.diagnostic()
            if (diagnostic.code, diagnostic.span) not in said:
                said.add((diagnostic.code, diagnostic.span))
                yield diagnostic
