"""Joins whose branches look at different places of the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from cnndsl.analysis.amounts import fraction, plain
from cnndsl.analysis.field import AxisField
from cnndsl.analysis.fields import Axes, disjoint, together, walk
from cnndsl.graph import Graph, Node
from cnndsl.layers.masks import cells
from cnndsl.record import Record
from cnndsl.volume import Volume, axis_names


class Misaligned(Record):
    """Two branches of a join that look at different places of an input at one position of the join.

    `branches` are their paths, `centres` and `jumps` those of their first positions, in cells of the input.
    """

    input: str
    axis: str
    branches: tuple[str, str]
    centres: tuple[Any, Any]
    jumps: tuple[Any, Any]

    def __str__(self) -> str:
        parts = zip(self.branches, self.centres, self.jumps)
        seen = (f"`{path}` is centred at {fraction(centre)}, jump {fraction(jump)}" for path, centre, jump in parts)
        return f"{self.axis}: {'; '.join(seen)}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "input": self.input,
            "axis": self.axis,
            "branches": list(self.branches),
            "centres": [plain(centre) for centre in self.centres],
            "jumps": [plain(jump) for jump in self.jumps],
        }


def misaligned(graph: Graph, node: Node, chosen: bool = True) -> list[Misaligned]:
    """Branches of a join that look half a step or more apart, at its first or its last position.

    A step is the smallest jump of the two. With `chosen=False` what uneven padding asks for is no fault.
    """
    known: dict[tuple[Any, ...], bool] = graph.kept.setdefault("apart", {})
    found: list[tuple[int, Misaligned]] = []
    branches = walk(graph).branches(node)
    for inputs, seen in () if disjoint(branches) else together(branches):
        if len(seen) == 1:
            continue
        for apart in _apart([axes for _, axes in seen], node.volume, chosen, known):
            found += [(number, _told(graph, node, number, seen, apart)) for number in cells(inputs)]
    return [told for _, told in sorted(found, key=itemgetter(0))]


#: an axis, and the places of two of the branches that see it
Apart = tuple[int, int, int]


def _told(graph: Graph, node: Node, number: int, seen: Sequence[tuple[int, Axes]], apart: Apart) -> Misaligned:
    axis, *places = apart
    (name, start), pair = list(graph.inputs.items())[number], [seen[place][1][axis] for place in places]
    one, other = (graph.nodes[node.inputs[seen[place][0]]].path for place in places)
    label = axis_names(graph.nodes[start].volume.rank)[axis]
    return Misaligned(name, label, (one, other), (pair[0].first, pair[1].first), (pair[0].jump, pair[1].jump))


def _apart(
    branches: Sequence[Axes], output: Volume, chosen: bool, known: dict[tuple[Any, ...], bool]
) -> Iterator[Apart]:
    """On each axis the first branch with a local field, and the first of the others half a step or more away.

    `known` keeps what was found of two fields, which a walk holds: a loop of joins meets the same again.
    """
    for axis, seen in enumerate(zip(*branches, strict=True)):
        first = next((place for place, field in enumerate(seen) if field.centre()), len(seen))
        for place in range(first + 1, len(seen)):
            key = chosen, output.extents, id(seen[first]), id(seen[place])
            if key not in known:
                known[key] = bool(seen[place].centre()) and _distant(seen[first], seen[place], output, chosen)
            if known[key]:
                yield axis, first, place
                break


def _distant(one: AxisField, other: AxisField, output: Volume, chosen: bool) -> bool:
    """Whether two local fields are half a step apart: in parts of a cell so small that all numbers are whole."""
    if one.along != other.along or one.along is None:
        return one.along != other.along
    if (one.lows, one.highs, one.shift) == (other.lows, other.highs, other.shift):
        return False
    (first, parts), (second, others) = one.centre() or (0, 2), other.centre() or (0, 2)
    turns = len(one.lows) * len(other.lows)
    scale = parts * others * turns
    jump, jumped = (field.shift * scale // len(field.lows) for field in (one, other))
    away: Any = (first * others - second * parts) * turns  # a Fraction where its skew is one
    if not chosen:
        away -= (one.skew - other.skew) * (scale // 2)
    drift = ((output.extents[one.along] or 1) - 1) * (jump - jumped)
    return bool(2 * max(abs(away), abs(away + drift)) >= min(jump, jumped))
