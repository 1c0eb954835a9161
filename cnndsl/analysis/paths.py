"""A layer by its path, for those who ask about one."""

from __future__ import annotations

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownPath
from cnndsl.graph import Graph, Node


def layer_at(graph: Graph, path: str) -> Node:
    """The node of that path; raises CnnError (E063) if there is none."""
    for node in graph:
        if node.path == path:
            return node
    raise UnknownPath(NOWHERE, graph.name, path, tuple(node.path for node in graph)).error()
