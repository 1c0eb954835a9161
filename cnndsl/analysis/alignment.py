"""Joins whose branches look at different places of the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnndsl.analysis.amounts import fraction, plain
from cnndsl.analysis.field import AxisField
from cnndsl.analysis.fields import Fields, branch_fields
from cnndsl.graph import Graph, Node
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


def misaligned(graph: Graph, node: Node, found: Sequence[Fields], chosen: bool = True) -> Iterator[Misaligned]:
    """Branches of a join that look half a step or more apart, at its first or its last position.

    A step is the smallest jump of the two. With `chosen=False` what uneven padding asks for is no fault.
    """
    branches = branch_fields(graph, node, found)
    for name in dict.fromkeys(name for branch in branches for name in branch):
        seen = [(number, branch[name]) for number, branch in zip(node.inputs, branches) if name in branch]
        volume = graph.nodes[graph.inputs[name]].volume
        for axis, label in enumerate(axis_names(volume.rank)):
            one, other = _apart([(number, axes[axis]) for number, axes in seen], node.volume, chosen) or (None, None)
            if one and other:
                pair = one[1], other[1]
                paths = graph.nodes[one[0]].path, graph.nodes[other[0]].path
                centres, jumps = (pair[0].first, pair[1].first), (pair[0].jump, pair[1].jump)
                yield Misaligned(name, label, paths, centres, jumps)


Branch = tuple[int, AxisField]


def _apart(seen: list[Branch], output: Volume, chosen: bool) -> tuple[Branch, Branch] | None:
    """The first branch with a local field, and the first of the others that is half a step or more away."""
    local = [item for item in seen if item[1].lows and item[1].centre()]
    for other in local[1:]:
        if other[1] is not local[0][1] and _distant(local[0][1], other[1], output, chosen):
            return local[0], other
    return None


def _distant(one: AxisField, other: AxisField, output: Volume, chosen: bool) -> bool:
    if one.along != other.along or one.along is None:
        return one.along != other.along
    if (one.lows, one.highs, one.shift) == (other.lows, other.highs, other.shift):
        return False
    last = (output.extents[one.along] or 1) - 1
    if len(one.lows) == len(other.lows) == 1 and (chosen or one.skew == other.skew):  # mostly: all of it twice
        (first, _), (second, _) = one.centre() or (0, 2), other.centre() or (0, 2)
        drift = 2 * last * (one.shift - other.shift)
        return max(abs(first - second), abs(first - second + drift)) >= min(one.shift, other.shift)
    from fractions import Fraction

    jumps = one.jump or Fraction(0), other.jump or Fraction(0)
    away = Fraction(*one.centre() or (0, 1)) - Fraction(*other.centre() or (0, 1))
    if not chosen:
        away -= Fraction(one.skew - other.skew) / 2
    return max(abs(away + last * (jumps[0] - jumps[1])) for last in {0, last}) * 2 >= min(jumps)
