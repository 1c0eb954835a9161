"""The field of every axis of every input at every layer: one walk over the graph."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.analysis.field import AxisField, beginning, union
from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Sight
from cnndsl.volume import StillOpen, Volume

Fields = dict[str, tuple[AxisField, ...]]


def fields(graph: Graph) -> list[Fields]:
    """For every node, by its number, the field of each axis of each input that reaches it."""
    if "fields" not in graph.kept:
        graph.kept["fields"] = _fields(graph)
    found: list[Fields] = graph.kept["fields"]
    return found


def _fields(graph: Graph) -> list[Fields]:
    names = {number: name for name, number in graph.inputs.items()}
    found: list[Fields] = []
    for node in graph.nodes:
        if node.inputs:
            branches = branch_fields(graph, node, found)
            found.append(_joined(branches, node.volume))
        else:
            axes = tuple(beginning(extent, axis) for axis, extent in enumerate(node.volume.spatial))
            found.append({names[node.number]: axes} if node.number in names else {})
    return found


def branch_fields(graph: Graph, node: Node, found: Sequence[Fields]) -> list[Fields]:
    """What a node sees through each of the nodes that it reads."""
    try:
        known: Sequence[Sight | None] = graph.case(node).sights
    except StillOpen:
        known = (None,) * len(node.inputs)
    return [
        {name: _through(sight, axes) for name, axes in found[number].items()}
        for sight, number in zip(known, node.inputs, strict=True)
    ]


def _through(sight: Sight | None, axes: tuple[AxisField, ...]) -> tuple[AxisField, ...]:
    """The fields behind a layer that reads so; open ones if that is not known."""
    if sight is None:
        return tuple(AxisField(axis.extent, whole=axis.whole) for axis in axes)
    if sight.same and all(axis.along is None or axis.along < len(sight.links) for axis in axes):
        return axes
    found = []
    for axis in axes:
        if axis.along is None or axis.along >= len(sight.links):
            reads = axis if axis.along is None else axis.replace(along=None)
        else:
            reads = axis.behind(sight.links[axis.along], sight.along[axis.along])
        found.append(reads.replace(whole=True) if sight.mixes and not reads.whole else reads)
    return tuple(found)


def _joined(branches: list[Fields], output: Volume) -> Fields:
    if len(branches) == 1:
        return branches[0]
    found: Fields = {}
    for name in dict.fromkeys(name for branch in branches for name in branch):
        seen = [branch[name] for branch in branches if name in branch]
        found[name] = tuple(union(axes, _extent(axes, output)) for axes in zip(*seen, strict=True))
    return found


def _extent(axes: tuple[AxisField, ...], output: Volume) -> int | None:
    along = next((axis.along for axis in axes if axis.along is not None), None)
    return None if along is None else output.extents[along]
