"""The exact region of one position: the cells of the inputs that it reads, or the positions that read a cell."""

from __future__ import annotations

from math import prod
from typing import Any

from cnndsl.analysis.amounts import stretches
from cnndsl.analysis.cells import Cells
from cnndsl.analysis.fields import fields
from cnndsl.analysis.paths import layer_at
from cnndsl.analysis.reading import extents, needed, reached
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.regions import BadPosition, RegionOpen, RegionTooLarge
from cnndsl.graph import Graph, Node
from cnndsl.record import Record
from cnndsl.volume import StillOpen, axis_names

#: parts of a set that is no product of axes that are listed
LISTED = 8
#: the longest axis of which single cells are kept
LONGEST = 2**22

Position = tuple[int, ...]


class Seen(Record):
    """What a position reads of one input: the exact cells, and the field without the border on each axis."""

    input: str
    cells: Cells
    field: tuple[tuple[int, int] | None, ...]

    @property
    def share(self) -> float:
        """The part of the input's positions that is read."""
        return self.cells.count / prod(self.cells.extents)

    @property
    def beyond(self) -> int | None:
        """How many cells of the field, a box, lie beyond the border; None where there is no local field."""
        if not self.field or None in self.field:
            return None
        ends = [bounds for bounds in self.field if bounds]
        inside = (min(high, extent - 1) - max(low, 0) + 1 for (low, high), extent in zip(ends, self.cells.extents))
        return self.box - prod(max(length, 0) for length in inside)

    @property
    def box(self) -> int:
        """How many cells the field has, those beyond the border included."""
        return prod(bounds[1] - bounds[0] + 1 for bounds in self.field if bounds)

    def facts(self, several: bool) -> tuple[Fact, ...]:
        names = axis_names(len(self.cells.extents))
        found = []
        if self.beyond is not None:
            ends = (f"{name} {low}..{high}" for name, (low, high) in zip(names, filter(None, self.field)))
            size = "x".join(str(high - low + 1) for low, high in filter(None, self.field))
            found.append(Fact("field", f"{size}: {', '.join(ends)}"))
        parts = list(self.cells.products)
        for number, part in enumerate(parts[:LISTED]):
            ends = (f"{name} {stretches(mask)}" for name, mask in zip(names, part))
            found.append(Fact("" if number else "reads", ", ".join(ends)))
        if len(parts) > LISTED:
            found.append(Fact("", f"and {len(parts) - LISTED} parts more"))
        total = prod(self.cells.extents)
        what = f"of input {self.input}" if several else "of the input"
        found.append(Fact("cells", f"{self.cells.count:,} of {total:,}: {100 * self.share:.4g} % {what}"))
        if self.beyond is not None:
            share = f" ({100 * self.beyond / self.box:.4g} %)" if self.beyond else ""
            found.append(
                Fact("padding", f"{self.beyond:,} of the field's {self.box:,} cells lie beyond the border{share}")
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        return {
            "input": self.input,
            "extents": list(self.cells.extents),
            "cells": self.cells.count,
            "share": self.share,
            "field": [list(bounds) if bounds else None for bounds in self.field],
            "box": self.box if self.beyond is not None else None,
            "beyond": self.beyond,
            "parts": [[stretches(mask, of=None) for mask in part] for part in self.cells.products],
        }


class Region(Shown):
    """What one position of a layer reads, of each input that reaches it."""

    net: str
    path: str
    position: Position
    seen: tuple[Seen, ...]

    def page(self) -> Page:
        several = len(self.seen) > 1
        title = f"{self.net}: what {self.path}{at(self.position)} reads"
        blocks = tuple(Facts(seen.facts(several), seen.input if several else "") for seen in self.seen)
        return Page(title, blocks or (Facts((Fact("reads", "no cell of an input"),)),))

    def to_dict(self) -> dict[str, Any]:
        place = {"net": self.net, "path": self.path, "position": list(self.position)}
        return {"schema": Graph.schema, **place, "seen": [seen.to_dict() for seen in self.seen]}


class Influence(Shown):
    """The positions of each layer that one position of an earlier one has a part in."""

    net: str
    path: str
    position: Position
    reached: dict[str, Cells]

    def page(self) -> Page:
        heads = ("path", "positions", "of", "share")
        headings = (*(Heading(head, "right" if head != "path" else "left") for head in heads), Heading("where"))
        rows = tuple(self._row(path, cells) for path, cells in self.reached.items())
        title = f"{self.net}: the positions that {self.path}{at(self.position)} reaches"
        return Page(title, (Table(headings, rows),))

    def _row(self, path: str, cells: Cells) -> tuple[str, ...]:
        total, names = prod(cells.extents), axis_names(len(cells.extents))
        where = ", ".join(f"{name} {stretches(cells.along(axis))}" for axis, name in enumerate(names)) if cells else ""
        return path, f"{cells.count:,}", f"{total:,}", f"{100 * cells.count / total:.4g} %", where

    def to_dict(self) -> dict[str, Any]:
        layers = [
            {
                "path": path,
                "extents": list(cells.extents),
                "positions": cells.count,
                "parts": [[stretches(mask, of=None) for mask in part] for part in cells.products],
            }
            for path, cells in self.reached.items()
        ]
        place = {"net": self.net, "path": self.path, "position": list(self.position)}
        return {"schema": Graph.schema, **place, "layers": layers}


def region(graph: Graph, path: str, position: Position) -> Region:
    """The cells of the inputs that a position of a layer reads, with their holes; the channels taken together.

    Raises CnnError: E063 for an unknown path, E064 for a position that is not there, E065 where an
    extent is open, E066 where an axis is too long.
    """
    node, start = _placed(graph, path, position)
    try:
        found = needed(graph, {node.number: start})
    except StillOpen:
        raise RegionOpen(NOWHERE, path, graph.name).error() from None
    known = fields(graph)[node.number]
    seen = tuple(
        Seen(name, found[number], tuple(axis.seen_at(position) for axis in known[name]))
        for name, number in graph.inputs.items()
        if number in found and name in known
    )
    return Region(graph.name, path, position, seen)


def influence(graph: Graph, path: str, position: Position) -> Influence:
    """The positions of every later layer that read one position of a layer, directly or not; raises as `region`."""
    node, start = _placed(graph, path, position)
    try:
        found = reached(graph, node.number, start)
    except StillOpen:
        raise RegionOpen(NOWHERE, path, graph.name).error() from None
    later = {graph.nodes[number].path: cells for number, cells in sorted(found.items()) if number != node.number}
    return Influence(graph.name, path, position, later)


def _placed(graph: Graph, path: str, position: Position) -> tuple[Node, Cells]:
    """The node, and the one position of it, once both are known to exist."""
    node = layer_at(graph, path)
    longest = max((extent or 0 for each in graph for extent in each.volume.spatial), default=0)
    if longest > LONGEST:
        raise RegionTooLarge(NOWHERE, longest, LONGEST).error()
    if not all(volume.fixed for volume in (node.volume, *graph.feeds(node))):
        raise RegionOpen(NOWHERE, path, graph.name).error()
    sizes = extents(node.volume)
    if len(position) != len(sizes) or any(place >= size for place, size in zip(position, sizes)):
        raise BadPosition(NOWHERE, path, position, sizes).error()
    return node, Cells.of(sizes, [tuple(1 << place for place in position)])


def at(position: Position) -> str:
    """`@3,4`, as the command takes it; nothing for a vector."""
    return f"@{','.join(map(str, position))}" if position else ""
