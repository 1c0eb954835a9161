"""Who feeds whom along one axis, for layers in which no window slides: the inputs of a few units."""

from __future__ import annotations

from itertools import takewhile

from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Link
from cnndsl.volume import StillOpen, Volume, known

#: units that are drawn, inputs where all are read, and the farthest input that is drawn
UNITS, CELLS, FARTHEST = 5, 7, 15

#: for each unit the numbers of the inputs that feed it
Wires = tuple[tuple[int, ...], ...]


def wires(graph: Graph, node: Node) -> Wires:
    """What feeds the first units, of the first volume that a layer reads: on the last axis, of vectors by channel.

    () where an extent is open, and where channels are put in another order.
    """
    try:
        return _wires(graph, node, graph.feeds(node)[0]) if node.inputs else ()
    except StillOpen:
        return ()


def _wires(graph: Graph, node: Node, feed: Volume) -> Wires:
    layer = node.layer
    if layer.transparent or (not feed.rank and (layer.by_channel or layer.joins)):
        return tuple((unit,) for unit in range(min(known(node.volume.channels), UNITS)))
    if not node.volume.rank:
        units = 1 if layer.by_channel else min(known(node.volume.channels), UNITS)
        mixes = layer.by_channel or layer.learns or layer.distributes or layer.normalizes
        return _all(feed, units) if mixes else ()
    seen = graph.case(node).sights[0]
    units = min(known(node.volume.extents[-2]), UNITS)
    if seen.mixes or not seen.links or seen.links[-1] is None:
        return _all(feed, units)
    return _along(seen.links[-1], units) if seen.along[-1] == node.volume.rank - 1 else ()


def _all(feed: Volume, units: int) -> Wires:
    """Every unit reads all that there is, of which some are drawn."""
    extent = known(feed.extents[-2]) if feed.rank else known(feed.channels)
    return (tuple(range(min(extent, CELLS))),) * units


def _along(link: Link, units: int) -> Wires:
    found = (tuple(link.inside(unit)) for unit in range(units))
    return tuple(takewhile(lambda cells: max(cells, default=0) <= FARTHEST, found))
