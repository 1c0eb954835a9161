"""How densely a layer is connected: uses of a weight, and the part of all pairs of cells and positions that it joins.

I. Goodfellow, Y. Bengio and A. Courville, Deep learning, 2016, section 9.2: sparse interactions and shared parameters.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from cnndsl.analysis.amounts import numbers, plain, sizes
from cnndsl.analysis.fields import fields
from cnndsl.analysis.paths import layer_at
from cnndsl.analysis.reading import extents
from cnndsl.analysis.region import LONGEST
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.regions import RegionOpen, RegionTooLarge
from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Sight
from cnndsl.volume import StillOpen


class Connections(Shown):
    """One layer: its field, how often it uses each of its weights, and how many of the possible pairs it connects.

    `uses` is the multiply-accumulates of a weight for one example; None for a layer without weights.
    `pairs` counts, for each volume that it reads, the pairs of a cell and a position that are
    connected, and all pairs there are; the channels of a position are taken together.
    """

    net: str
    path: str
    call: str
    field: tuple[tuple[str, str], ...]
    uses: Fraction | None
    pairs: tuple[tuple[str, int, int], ...]

    def page(self) -> Page:
        facts = [Fact(name, text) for name, text in self.field]
        if self.uses is not None:
            facts.append(Fact("uses", f"{written(self.uses)} of each weight for one example"))
        for path, joined, total in self.pairs:
            share = f"{100 * joined / total:.4g} %"
            facts.append(Fact("density", f"{joined:,} of {total:,} pairs of a cell of {path} and a position: {share}"))
        return Page(f"{self.net}: {self.path} = {self.call}", (Facts(tuple(facts)),))

    def to_dict(self) -> dict[str, Any]:
        pairs = [{"of": path, "connected": joined, "total": total} for path, joined, total in self.pairs]
        place = {"net": self.net, "path": self.path}
        return {"schema": Graph.schema, **place, "uses": plain(self.uses), "pairs": pairs}


def connections(graph: Graph, path: str) -> Connections:
    """The connections of a layer. Raises CnnError: E063, E065 (open extents), E066 (an axis too long)."""
    node = layer_at(graph, path)
    longest = max((extent or 0 for each in (node.volume, *graph.feeds(node)) for extent in each.spatial), default=0)
    if longest > LONGEST:
        raise RegionTooLarge(NOWHERE, longest, LONGEST).error()
    try:
        found = uses(graph, node), pairs(graph, node)
    except StillOpen:
        raise RegionOpen(NOWHERE, path, graph.name).error() from None
    return Connections(graph.name, path, node.layer.written(), _field(graph, node), *found)


def _field(graph: Graph, node: Node) -> tuple[tuple[str, str], ...]:
    found = []
    several = len(graph.inputs) > 1
    for name, axes in fields(graph)[node.number].items():
        before = f"{name} " if several else ""
        found.append(("field", before + sizes(axes)))
        if jump := numbers(axis.jump for axis in axes):
            found.append(("jump", before + jump))
            found.append(("first centre", before + numbers(axis.first for axis in axes)))
    return tuple(found)


def uses(graph: Graph, node: Node) -> Fraction | None:
    """Multiply-accumulates for each weight; shared layers count their own. Raises StillOpen."""
    feeds = graph.feeds(node)
    macs = node.layer.macs(*feeds) if feeds else 0
    weights = sum(prod(array.shape) for array in graph.uses(node) if array.name == "weight") if macs else 0
    return Fraction(macs, weights) if weights else None


def pairs(graph: Graph, node: Node) -> tuple[tuple[str, int, int], ...]:
    """For each volume that a node reads: its path, the pairs that are connected, and all pairs. Raises StillOpen."""
    output = extents(node.volume)
    return tuple(
        (graph.nodes[number].path, _pairs(sight, extents(feed), output), prod(extents(feed)) * prod(output))
        for number, feed, sight in zip(node.inputs, graph.feeds(node), graph.case(node).sights, strict=True)
    )


def _pairs(sight: Sight, given: tuple[int, ...], output: tuple[int, ...]) -> int:
    if sight.mixes:
        return prod(given) * prod(output)
    count = prod(extent for axis, extent in enumerate(output) if axis not in sight.along)
    for link, extent in zip(sight.links, given, strict=True):
        if link is None:
            count *= extent
        else:
            count *= sum(link.back(1 << position).bit_count() for position in range(link.output or 0))
    return count


def written(uses: Fraction) -> str:
    """How often, in words: `784 uses`."""
    if uses == 1:
        return "1 use"
    return f"{uses.numerator:,} uses" if uses.denominator == 1 else f"{float(uses):,.4g} uses"
