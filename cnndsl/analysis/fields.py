"""The field of every axis of every input at every layer: one walk over the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from cnndsl.analysis.field import AxisField, beginning, union
from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Sight
from cnndsl.layers.masks import cells
from cnndsl.volume import StillOpen, Volume

#: one for each axis of an input
Axes = tuple[AxisField, ...]
#: what is seen alike of some inputs, and which those are, as the bits of a whole number
Held = tuple[Axes, int]


class Fields(Mapping[str, Axes]):
    """What a layer sees of each input that reaches it, by the input's name, in the order of the net's inputs.

    Inputs that are seen alike are `held` together: where a thousand of them are joined there are few that differ.
    """

    def __init__(self, names: Mapping[str, int], held: Sequence[Held]) -> None:
        self._names = names
        self.held = held
        self.reach = reduce(or_, [bits for _, bits in held], 0)

    def __getitem__(self, name: str) -> Axes:
        return self._numbered[self._names[name]][0]

    def __iter__(self) -> Iterator[str]:
        return (name for name, number in self._names.items() if self.reach >> number & 1)

    def __len__(self) -> int:
        return self.reach.bit_count()

    def __repr__(self) -> str:
        return repr(dict(self))

    @cached_property
    def _numbered(self) -> dict[int, Held]:
        return {number: held for held in self.held for number in cells(held[1])}

    def among(self, inputs: int) -> Iterator[Held]:
        """What is seen of some of the inputs."""
        rest = inputs & self.reach
        if rest == self.reach:
            yield from self.held
            return
        while rest:
            axes, bits = self.held[0] if len(self.held) == 1 else self._numbered[(rest & -rest).bit_length() - 1]
            yield axes, bits & rest
            rest &= ~bits


def disjoint(branches: Iterable[Fields]) -> bool:
    """Whether no input reaches two of the branches."""
    reached = 0
    for branch in branches:
        if branch.reach & reached:
            return False
        reached |= branch.reach
    return True


#: some inputs, and what branches see of them, each with its number
Ways = tuple[int, tuple[tuple[int, Axes], ...]]


def together(branches: Sequence[Fields]) -> list[Ways]:
    """The inputs that reach a join, those together that every branch sees as one."""
    reach = branches[0].reach
    if all(len(branch.held) == 1 and branch.reach == reach for branch in branches):  # mostly: one input
        return [(reach, tuple([(number, branch.held[0][0]) for number, branch in enumerate(branches)]))]
    found: list[Ways] = []
    reached = 0
    for number, branch in enumerate(branches):
        if branch.reach & reached:
            found = [parted for ways in found for parted in _parted(ways, number, branch)]
        found += [(inputs, ((number, axes),)) for axes, inputs in branch.among(branch.reach & ~reached)]
        reached |= branch.reach
    return found


def _parted(ways: Ways, number: int, branch: Fields) -> Iterator[Ways]:
    """Inputs by what one more branch sees of them."""
    inputs, before = ways
    for axes, seen in branch.among(inputs):
        yield seen, (*before, (number, axes))
    if rest := inputs & ~branch.reach:
        yield rest, before


class Walk:
    """The fields at every layer of a graph. What is the same again, as in a loop of joins, is the same object."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.found: list[Fields] = []
        self._names = {name: number for number, name in enumerate(graph.inputs)}
        # what is known by its identity is kept here, so that its identity stays its own
        self._fields: dict[tuple[int, ...], Fields] = {}
        self._through: dict[tuple[int, int], tuple[Sight | None, Fields]] = {}
        self._behind: dict[tuple[int, int], Axes] = {}
        self._unions: dict[tuple[Any, ...], Axes] = {}
        self._axes: dict[tuple[Any, ...], Axes] = {}
        self._sights: dict[Sight | None, Sight | None] = {}
        begins = {number: bit for bit, number in enumerate(graph.inputs.values())}
        for node in graph.nodes:
            known = self._joined(self.branches(node), node.volume) if node.inputs else self._begun(node, begins)
            self.found.append(known)

    def branches(self, node: Node) -> list[Fields]:
        """What a node sees through each of the nodes that it reads."""
        try:
            sights: Sequence[Sight | None] = self.graph.case(node).sights
        except StillOpen:
            sights = (None,) * len(node.inputs)
        return [self._seen(sight, self.found[number]) for sight, number in zip(sights, node.inputs, strict=True)]

    def _begun(self, node: Node, begins: Mapping[int, int]) -> Fields:
        axes = tuple([beginning(extent, axis) for axis, extent in enumerate(node.volume.spatial)])
        return self._held([(self._equal(axes), 1 << begins[node.number])] if node.number in begins else [])

    def _seen(self, sight: Sight | None, before: Fields) -> Fields:
        if sight is not None and sight.same:
            return before
        key = id(sight), id(before)
        if key not in self._through:
            alike = self._sights.setdefault(sight, sight) if len(before.held) > 1 else sight
            found = [(self._one(alike, axes), inputs) for axes, inputs in before.held]
            same = all(one[0] is other[0] for one, other in zip(found, before.held))
            self._through[key] = sight, before if same else self._held(found)
        return self._through[key][1]

    def _one(self, sight: Sight | None, axes: Axes) -> Axes:
        key = id(sight), id(axes)
        if key not in self._behind:
            self._behind[key] = _behind(sight, axes)
        return self._behind[key]

    def _joined(self, branches: list[Fields], output: Volume) -> Fields:
        if all(branch is branches[0] for branch in branches):
            return branches[0]
        if disjoint(branches):
            return self._held([held for branch in branches for held in branch.held])
        found = together(branches)
        return self._held([(self._union([axes for _, axes in seen], output), inputs) for inputs, seen in found])

    def _union(self, seen: Sequence[Axes], output: Volume) -> Axes:
        if all(axes is seen[0] for axes in seen):
            return seen[0]
        key = *map(id, seen), output.extents
        if key not in self._unions:
            axes = tuple([union(each, _extent(each, output)) for each in zip(*seen, strict=True)])
            self._unions[key] = self._equal(axes)
        return self._unions[key]

    def _equal(self, axes: Axes) -> Axes:
        """The first that were equal to these."""
        return self._axes.setdefault(tuple([axis.as_tuple() for axis in axes]), axes)

    def _held(self, held: Iterable[Held]) -> Fields:
        """The fields that hold so: inputs of the same axes together, and the same object if they were met before."""
        found: dict[int, Held] = {}
        for each in held:
            known = found.get(id(each[0]))
            found[id(each[0])] = (each[0], known[1] | each[1]) if known else each
        key = *found, *[inputs for _, inputs in found.values()]
        if key not in self._fields:
            self._fields[key] = Fields(self._names, tuple(found.values()))
        return self._fields[key]


def walk(graph: Graph) -> Walk:
    """The walk over a graph, made once."""
    if "fields" not in graph.kept:
        graph.kept["fields"] = Walk(graph)
    found: Walk = graph.kept["fields"]
    return found


def fields(graph: Graph) -> list[Fields]:
    """For every node, by its number, the field of each axis of each input that reaches it."""
    return walk(graph).found


def _behind(sight: Sight | None, axes: Axes) -> Axes:
    """The fields behind a layer that reads so; open ones if that is not known."""
    if sight is None:
        return tuple(AxisField(axis.extent, whole=axis.whole) for axis in axes)
    found = []
    for axis in axes:
        reads = axis
        if axis.along is not None:
            reads = axis.behind(sight.links[axis.along], sight.along[axis.along])
        found.append(reads.replace(whole=True) if sight.mixes and not reads.whole else reads)
    return axes if all(one is other for one, other in zip(found, axes)) else tuple(found)


def _extent(axes: tuple[AxisField, ...], output: Volume) -> int | None:
    along = next((axis.along for axis in axes if axis.along is not None), None)
    return None if along is None else output.extents[along]
