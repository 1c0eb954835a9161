"""A graph with other extents on one axis of its inputs: what each layer makes of every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnndsl.errors.base import Problem, Refused
from cnndsl.errors.names import CannotShare
from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Layer, SameSize, infer
from cnndsl.layers.window import Window
from cnndsl.record import Record
from cnndsl.volume import StillOpen, Volume

Shapes = tuple[tuple[int, ...], ...] | None


class Outcome(Record):
    """What a layer makes of its inputs: its output, or why it refuses them.

    `layer` has the volumes that its arguments follow (`crop(to=c1)`) as they are then. `windows` are
    those that slide over its input, `misfit` says that trained arrays of the declared sizes would
    have another shape.
    """

    layer: Layer
    output: Volume | None
    problem: Problem | None = None
    windows: tuple[Window, ...] = ()
    misfit: bool = False


class Column(Record):
    """Volumes of one node: `place[n]` is where the one for the nth extent stands in `volumes`, -1 for none.

    Deep in a network many extents lead to the same volume, so there are few.
    """

    place: list[int]
    volumes: list[Volume]


class Seen(Record):
    """What one node did in a sweep: the different inputs that it had, placed as in a column, and their outcomes."""

    node: Node
    places: list[int]
    feeds: list[tuple[Volume, ...]]
    outcomes: list[Outcome]


class Sweep:
    """The nodes of a graph whose volumes change with the extent of some axes of some inputs, all of them the same.

    Only layers whose input changes are looked at again, and a layer once for each input that it is
    given. `extents` are those that are tried, `columns` are the volumes by the number of the node; a
    node without one does not change.
    """

    def __init__(self, graph: Graph, inputs: Iterable[int], axes: Sequence[int], extents: Sequence[int]) -> None:
        self.graph = graph
        self.extents = extents
        self.columns: dict[int, Column] = {}
        self.seen: list[Seen] = []
        self._known: dict[tuple[object, ...], Outcome] = {}
        varied = set(inputs)
        for node in graph:
            if node.number in varied:
                volumes = [changed(node.volume, axes, extent) for extent in extents]
                self.columns[node.number] = Column(list(range(len(volumes))), volumes)
            else:
                self._look(node)

    def _look(self, node: Node) -> None:
        owner = self._owner(node)
        sources = [*node.inputs, *node.targets.values(), *(owner.inputs if owner else ())]
        if not any(number in self.columns for number in sources):
            return
        places, feeds = self._feeds(sources)
        given = self.graph.feeds(node)
        same_channels = all(volumes[0].channels == given[0].channels for volumes in feeds)
        if isinstance(node.layer, SameSize) and same_channels:
            self.columns[node.number] = self.columns[node.inputs[0]]
            return
        own = node.owner == node.path and (node.layer.sized or not same_channels)
        declared = _shapes(node.layer, given) if own else None
        outcomes = []
        for volumes in feeds:
            key = (id(node.layer), owner and id(owner.layer), declared, *(volume.extents for volume in volumes))
            if key not in self._known:
                self._known[key] = outcome(node, volumes, declared, owner)
            outcomes.append(self._known[key])
        self.seen.append(Seen(node, places, feeds, outcomes))
        self.columns[node.number] = _column(places, outcomes)

    def _owner(self, node: Node) -> Node | None:
        """The node whose arrays another one uses, if their shapes may change apart from each other."""
        return self.graph[node.owner] if node.owner != node.path and node.layer.sized else None

    def _feeds(self, numbers: Sequence[int]) -> tuple[list[int], list[tuple[Volume, ...]]]:
        """The different combinations of the volumes of some nodes, and which of them each extent has."""
        moving = [number for number in numbers if number in self.columns]
        columns = [self.columns[number] for number in moving]
        if all(column.place is columns[0].place for column in columns):
            places = columns[0].place
            combinations: list[tuple[int, ...]] = [(n,) * len(columns) for n in range(len(columns[0].volumes))]
        else:
            found: dict[tuple[int, ...], int] = {}
            places = []
            for row in zip(*(column.place for column in columns)):
                places.append(-1 if -1 in row else found.setdefault(row, len(found)))
            combinations = list(found)
        at = {number: position for position, number in enumerate(moving)}
        still = {number: self.graph.nodes[number].volume for number in numbers}
        feeds = [
            tuple(columns[at[n]].volumes[row[at[n]]] if n in at else still[n] for n in numbers) for row in combinations
        ]
        return places, feeds


def _column(places: list[int], outcomes: list[Outcome]) -> Column:
    """The outputs as a column; equal ones once, none where the layer refused."""
    found: dict[tuple[int | None, ...], int] = {}
    volumes: list[Volume] = []
    moved = []
    for each in outcomes:
        if each.output is None:
            moved.append(-1)
            continue
        if each.output.extents not in found:
            found[each.output.extents] = len(volumes)
            volumes.append(each.output)
        moved.append(found[each.output.extents])
    if moved == list(range(len(volumes))):
        return Column(places, volumes)
    moved.append(-1)  # the place of what was refused before
    return Column([moved[place] for place in places], volumes)


def outcome(node: Node, volumes: tuple[Volume, ...], declared: Shapes, owner: Node | None = None) -> Outcome:
    """What the layer of a node makes of other volumes: of its inputs, behind them those that its arguments follow.

    Behind those are the inputs of the `owner` of its arrays, if it is another node and their shapes
    must still agree. `declared` are the shapes of its own arrays as it stands.
    """
    layer, feeds = node.layer, volumes[: len(node.inputs)]
    if node.targets:
        layer = layer.replace(**dict(zip(node.targets, volumes[len(feeds) :])))
    if owner and _shapes(layer, feeds) != _shapes(owner.layer, volumes[len(feeds) + len(node.targets) :]):
        why = f"the arrays of `{owner.path}` have other shapes"
        return Outcome(layer, None, CannotShare(node.site, node.path, why, "give both inputs of one size"))
    try:
        output = infer(layer, *feeds)
        windows = layer.windows(*feeds) if len(feeds) == 1 else ()
    except Refused as refused:
        return Outcome(layer, None, refused.problem)
    return Outcome(layer, output, None, windows, declared is not None and _shapes(layer, feeds) != declared)


def _shapes(layer: Layer, feeds: tuple[Volume, ...]) -> Shapes:
    """The shapes of the arrays of a layer; None where an open extent leaves one open, or its input does not fit."""
    try:
        return tuple(array.shape for array in layer.arrays(*feeds))
    except (StillOpen, Refused):
        return None


def changed(volume: Volume, axes: Sequence[int], extent: int) -> Volume:
    """A volume with another extent on some axes."""
    return Volume(tuple(extent if axis in axes else other for axis, other in enumerate(volume.extents)))
