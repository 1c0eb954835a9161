"""Exact divisions: where (W - F + 2P)/S is not a whole number, for `cnnc check --strict`."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.elaborate.trail import trail
from cnndsl.errors.shapes import InexactDivision
from cnndsl.graph import Graph, Node
from cnndsl.volume import axis_names


def inexact(graph: Graph) -> Iterator[InexactDivision]:
    """One problem for each layer and axis whose windows do not come out even, in order of execution.

    A pool that says `ceil=true` has chosen how to round and is left alone, as are open extents.
    Axes of one layer that fail with the same numbers are one problem.
    """
    for node in graph:
        if len(node.inputs) == 1:
            yield from _inexact(graph, node)


def _inexact(graph: Graph, node: Node) -> Iterator[InexactDivision]:
    (volume,) = graph.feeds(node)
    found = node.layer.windows(volume)
    site = node.site.replace(trail=trail(graph.nodes, node.inputs[0]))
    told = set()
    for axis, window in zip(axis_names(volume.rank), found, strict=False):
        if window.remainder and not window.ceil and window not in told:
            told.add(window)
            yield InexactDivision(site, node.layer.kind, axis, volume, window, found)
