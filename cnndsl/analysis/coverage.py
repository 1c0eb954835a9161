"""Coverage: cells that a layer gives and that no path reads on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnndsl.graph import Case, Graph, Node
from cnndsl.layers.links import Sight
from cnndsl.layers.masks import full
from cnndsl.record import Record
from cnndsl.volume import StillOpen, Volume

if TYPE_CHECKING:
    from cnndsl.analysis.cells import Cells

#: the longest axis of which single cells are looked at
LONGEST = 2**14

Reader = tuple[Node, Sight]


class Unread(Record):
    """Cells of a volume that none of its readers reads; `reader` is the first of those layers.

    For each axis: `border`, the places before the first and behind the last that is read, and
    `skipped`, the places between them at which nothing is read. `count` cells of `total` are lost.
    """

    reader: Node
    volume: Volume
    border: tuple[int, ...]
    skipped: tuple[int, ...]
    count: int
    total: int


def unread(graph: Graph) -> tuple[Unread, ...]:
    """Every volume of which cells are lost, in order of execution; open extents are left alone.

    Layers that pass every position on as it is (activations, norms, 1x1 convolutions) are seen
    through: a cell is lost if it is lost on all of its ways.
    """
    if "unread" not in graph.kept:
        graph.kept["unread"] = tuple(_unread(graph))
    found: tuple[Unread, ...] = graph.kept["unread"]
    return found


def _unread(graph: Graph) -> Iterator[Unread]:
    for start, readers in _readers(graph).items():
        volume = graph.nodes[start].volume
        if not readers or not volume.fixed or not volume.rank or max(volume.shape[:-1]) > LONGEST:
            continue
        if any(max(node.volume.shape[:-1], default=0) > LONGEST for node, _ in readers):
            continue
        if not any(sight.complete for _, sight in readers):
            yield from _lost(volume, readers)


def never_read(graph: Graph) -> dict[str, Cells]:
    """For each input the cells that no output is computed from; nothing where that is open, or an axis too long."""
    from cnndsl.analysis.cells import Cells
    from cnndsl.analysis.reading import extents, needed

    if any(extent is None or extent > LONGEST for node in graph for extent in node.volume.spatial):
        return {}
    try:
        found = needed(graph, {end: Cells.all(extents(graph.nodes[end].volume)) for end in graph.ends})
    except StillOpen:
        return {}
    lost = {}
    for name, number in graph.inputs.items():
        everything = Cells.all(extents(graph.nodes[number].volume))
        lost[name] = everything - found[number] if number in found else everything
    return lost


def _readers(graph: Graph) -> dict[int, list[Reader]]:
    """For each volume that is more than another passed on, who reads it; no one for one that is an output.

    A volume that a layer reads as a whole has a reader that is complete.
    """
    origin = list(range(len(graph.nodes)))
    found: dict[int, list[Reader]] = {}
    ends: set[int] = set()
    passing: dict[Case, bool] = {}
    for node in graph.nodes:
        case = graph.case(node)
        if not node.inputs:
            found[node.number] = []
        elif case.fed and node.volume.fixed:
            if case not in passing:
                passing[case] = _passes(case)
            if passing[case]:
                origin[node.number] = origin[node.inputs[0]]
            else:
                found[node.number] = []
                for feed, sight in zip(node.inputs, case.sights, strict=True):
                    found.setdefault(origin[feed], []).append((node, sight))
        else:
            ends.update(origin[feed] for feed in node.inputs)
        if node.number in graph.ends:
            ends.add(origin[node.number])
    return {start: readers for start, readers in found.items() if start not in ends}


def _passes(case: Case) -> bool:
    """Whether a layer passes every position on as it is."""
    return len(case.feeds) == 1 and case.volume.rank == case.feeds[0].rank and case.sights[0].same


def _lost(volume: Volume, readers: list[Reader]) -> Iterator[Unread]:
    from cnndsl.analysis.cells import Cells
    from cnndsl.analysis.reading import back, extents

    given = extents(volume)
    read = Cells.of(given, ())
    for node, sight in readers:
        read |= back(sight, Cells.all(extents(node.volume)), given)
    lost = Cells.all(given) - read
    if lost:
        places = [_places(read, axis) for axis in range(volume.rank)]
        border, skipped = (tuple(place[which] for place in places) for which in (0, 1))
        yield Unread(readers[0][0], volume, border, skipped, lost.count, Cells.all(given).count)


def _places(read: Cells, axis: int) -> tuple[int, int]:
    """The places of an axis at which nothing is read: at its ends, and between."""
    seen = read.along(axis)
    everything = full(read.extents[axis])
    inner = full(seen.bit_length()) & ~full((seen & -seen).bit_length() - 1) if seen else 0
    return everything & ~inner, inner & ~seen
