"""Which cells a set of positions reads, layer by layer: back to the inputs, and forth from a cell."""

from __future__ import annotations

from cnndsl.analysis.cells import Cells
from cnndsl.graph import Graph
from cnndsl.layers.links import Sight
from cnndsl.layers.masks import full
from cnndsl.volume import Volume, known


def extents(volume: Volume) -> tuple[int, ...]:
    """The spatial extents of a volume; raises StillOpen where one is not fixed."""
    return tuple(map(known, volume.spatial))


def back(sight: Sight, positions: Cells, given: tuple[int, ...]) -> Cells:
    """The cells of an input of such extents that some of the positions read."""
    if not positions or (sight.same and len(positions.extents) == len(given)):
        return positions.replace(extents=given)
    if sight.mixes:
        return Cells.all(given)
    axes = tuple(zip(sight.links, sight.along, given, strict=True))
    return Cells.of(
        given,
        (
            tuple(
                full(extent) if link is None or along is None else link.back(product[along])
                for link, along, extent in axes
            )
            for product in positions.products
        ),
    )


def forth(sight: Sight, read: Cells, output: tuple[int, ...]) -> Cells:
    """The positions of an output of such extents that read some of the cells."""
    if not read or (sight.same and len(read.extents) == len(output)):
        return read.replace(extents=output)
    if sight.mixes:
        return Cells.all(output)
    found = []
    for product in read.products:
        masks = [full(extent) for extent in output]
        for mask, link, along in zip(product, sight.links, sight.along, strict=True):
            if link is not None and along is not None:
                masks[along] = link.forth(mask)
        found.append(tuple(masks))
    return Cells.of(output, found)


def needed(graph: Graph, ends: dict[int, Cells]) -> dict[int, Cells]:
    """For each node that positions of some nodes are computed from, the positions of it that are read.

    Raises StillOpen where it depends on an extent that is not fixed.
    """
    found = dict(ends)
    for number in range(max(ends), -1, -1):
        node = graph.nodes[number]
        if number not in found or not node.inputs:
            continue
        for feed, sight in zip(node.inputs, graph.case(node).sights, strict=True):
            read = back(sight, found[number], extents(graph.nodes[feed].volume))
            found[feed] = found[feed] | read if feed in found else read
    return found


def reached(graph: Graph, start: int, cells: Cells) -> dict[int, Cells]:
    """For each node behind one, the positions that some of its cells have a part in; raises StillOpen."""
    found = {start: cells}
    for node in graph.nodes[start + 1 :]:
        for feed, sight in zip(node.inputs, graph.case(node).sights, strict=True):
            if feed in found:
                more = forth(sight, found[feed], extents(node.volume))
                found[node.number] = found[node.number] | more if node.number in found else more
    return found
