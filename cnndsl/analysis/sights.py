"""How the layers of a net read their inputs, asked once of a layer of a loop."""

from __future__ import annotations

from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Sight


def sights(graph: Graph, node: Node) -> tuple[Sight, ...]:
    """How a node reads each of its inputs; raises StillOpen where that depends on an extent that is not fixed."""
    feeds = graph.feeds(node)
    known = graph.kept.setdefault("sights", {})
    key = (id(node.layer), *(volume.extents for volume in (node.volume, *feeds)))
    if key not in known:
        known[key] = node.layer.sights(node.volume, *feeds)
    found: tuple[Sight, ...] = known[key]
    return found
