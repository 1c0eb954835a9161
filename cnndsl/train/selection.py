"""Naming layers of a net: one, a label or block with all in it, or from one to another."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import UnknownLayers
from cnndsl.graph import Graph, Node
from cnndsl.suggest import closest


def select(graph: Graph, names: str | Iterable[str]) -> tuple[Node, ...]:
    """The nodes that are named, in order: `conv1`, `stage2` (all in that scope), `conv1..pool2` (both included).

    Several names are separated by commas, or given as a list. Raises CnnError (E534) for a name that is none, and
    for a range that runs backwards.
    """
    asked = names.split(",") if isinstance(names, str) else list(names)
    numbers = {number for name in asked for number in _numbers(graph, str(name).strip())}
    return tuple(node for node in graph.nodes if node.number in numbers)


def _numbers(graph: Graph, name: str) -> Iterable[int]:
    first, dots, last = name.partition("..")
    if not dots:
        return _within(graph, name)
    start, stop = min(_within(graph, first.strip())), max(_within(graph, last.strip()))
    if start > stop:
        raise UnknownLayers(NOWHERE, graph.name, name, f"`{last.strip()}` comes before `{first.strip()}`").error()
    return range(start, stop + 1)


def _within(graph: Graph, name: str) -> list[int]:
    found = [node.number for node in graph.nodes if node.path == name or node.path.startswith(f"{name}.")]
    if not found:
        known = [*(node.path for node in graph.nodes), *graph.scopes]
        raise UnknownLayers(NOWHERE, graph.name, name, "", closest(name, known) or "", tuple(known)).error()
    return found
