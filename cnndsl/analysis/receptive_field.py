"""Receptive fields: what of the input every layer's positions see, on any graph.

Per axis: the size r, the jump j (the effective stride) and the centre of the first position's field.
A window makes r' = r + D(F-1) j and j' = j S; a join takes the union of its branches; what enlarges
divides the jump, and r is the largest over its phases; a global pool, `flatten` and `fc` see the whole.
After A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnndsl.analysis.field import AxisField, beginning, union
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.graph import Graph, Node
from cnndsl.layers.links import Sight
from cnndsl.record import Record
from cnndsl.volume import StillOpen, Volume, axis_names

Fields = dict[str, tuple[AxisField, ...]]


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


class ReceptiveField(Record):
    """The fields of one layer: for each input that reaches it, one for each spatial axis of that input.

    `size`, `jump` and `first` are of the only input, or of the first that reaches it.
    """

    path: str
    call: str
    output: Volume
    inputs: Mapping[str, tuple[AxisField, ...]]
    misaligned: tuple[Misaligned, ...] = ()

    @property
    def axes(self) -> tuple[AxisField, ...]:
        """The fields of the axes of the first input that reaches the layer."""
        return next(iter(self.inputs.values()), ())

    @property
    def size(self) -> Any:
        """One number if the axes agree, else one for each, as the language writes a kernel; None where it is open."""
        return agreed(tuple(axis.size for axis in self.axes))

    @property
    def jump(self) -> Any:
        """Cells from one position to the next, a Fraction; one for each axis if they differ; None without."""
        return agreed(tuple(axis.jump for axis in self.axes))

    @property
    def first(self) -> Any:
        """The centre of the first position's field, a Fraction, cell 0 at 0; one for each axis if they differ."""
        return agreed(tuple(axis.first for axis in self.axes))

    @property
    def whole(self) -> bool:
        """Whether every axis is seen as a whole, whatever the local field is."""
        return bool(self.axes) and all(axis.whole for axis in self.axes)

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "output": list(self.output.extents),
            "fields": {name: [axis_dict(axis) for axis in axes] for name, axes in self.inputs.items()},
            "misaligned": [item.to_dict() for item in self.misaligned],
        }


class ReceptiveFields(Shown):
    """The receptive fields of a net's layers, in order of execution; `fields["conv5"]` is one of them."""

    net: str
    inputs: Mapping[str, Volume]
    layers: tuple[ReceptiveField, ...]

    def __getitem__(self, path: str) -> ReceptiveField:
        for layer in self.layers:
            if layer.path == path:
                return layer
        raise KeyError(path)

    def __iter__(self) -> Iterator[ReceptiveField]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def page(self) -> Page:
        several = len(self.inputs) > 1
        names = ("path", "layer", "output", *(["input"] if several else []), "field", "jump", "first centre")
        right = ("field", "jump", "first centre")
        headings = tuple(Heading(name, "right" if name in right else "left") for name in names)
        rows = tuple(row for layer in self.layers for row in _rows(layer, several))
        facts = [Fact("field", "cells of the input that one position sees, from the first to the last, per axis")]
        facts += [Fact("jump", "cells of the input from one position to the next")]
        facts += [Fact("misaligned", f"{layer.path}, {item}") for layer in self.layers for item in layer.misaligned]
        sizes = ", ".join(f"{name} {volume}" if several else str(volume) for name, volume in self.inputs.items())
        return Page(f"{self.net}: receptive fields on {sizes}", (Table(headings, rows), Facts(tuple(facts))))

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": Graph.schema,
            "net": self.net,
            "inputs": {name: list(volume.extents) for name, volume in self.inputs.items()},
            "layers": [layer.to_dict() for layer in self.layers],
        }


def receptive_field(graph: Graph) -> ReceptiveFields:
    """The receptive fields of all layers of a net, also of those that no output needs."""
    inputs = {name: graph.nodes[number].volume for name, number in graph.inputs.items()}
    found = fields(graph)
    layers = tuple(_layer(graph, node, found) for node in graph.nodes)
    return ReceptiveFields(graph.name, inputs, layers)


def fields(graph: Graph) -> list[Fields]:
    """For every node, by its number, the field of each axis of each input that reaches it."""
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
    feeds = graph.feeds(node)
    try:
        sights: Sequence[Sight | None] = node.layer.sights(node.volume, *feeds)
    except StillOpen:
        sights = (None,) * len(feeds)
    return [
        {name: _through(sight, axes) for name, axes in found[number].items()}
        for sight, number in zip(sights, node.inputs, strict=True)
    ]


def _through(sight: Sight | None, axes: tuple[AxisField, ...]) -> tuple[AxisField, ...]:
    """The fields behind a layer that reads so; open ones if that is not known."""
    if sight is None:
        return tuple(AxisField(axis.extent, whole=axis.whole) for axis in axes)
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


def _layer(graph: Graph, node: Node, found: Sequence[Fields]) -> ReceptiveField:
    told = tuple(misaligned(graph, node, found)) if len(node.inputs) > 1 else ()
    return ReceptiveField(node.path, node.layer.written(), node.volume, found[node.number], told)


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
    from fractions import Fraction

    lasts = {0, (output.extents[one.along] or 1) - 1}
    jumps = one.jump or Fraction(0), other.jump or Fraction(0)
    away = Fraction(*one.centre() or (0, 1)) - Fraction(*other.centre() or (0, 1))
    if not chosen:
        away -= Fraction(one.skew - other.skew) / 2
    return max(abs(away + last * (jumps[0] - jumps[1])) for last in lasts) * 2 >= min(jumps)


def _rows(layer: ReceptiveField, several: bool) -> Iterator[tuple[str, ...]]:
    start = (layer.path, layer.call, str(layer.output))
    for name, axes in layer.inputs.items():
        written = (sizes(axes), numbers(axis.jump for axis in axes), numbers(axis.first for axis in axes))
        yield (*start, *([name] if several else []), *written)
        start = ("", "", "")
    if not layer.inputs:
        yield (*start, *([""] if several else []), "", "", "")


def sizes(axes: Sequence[AxisField]) -> str:
    """The fields of the axes as a size: `11x11`, `whole`, `851x851 + whole`; `?` for an open one."""
    if not axes:
        return "whole"
    if all(axis.whole and not axis.lows for axis in axes):
        return "whole"
    size = "x".join("whole" if axis.whole and not axis.lows else written(axis.size) for axis in axes)
    return f"{size} + whole" if any(axis.whole and axis.lows for axis in axes) else size


def numbers(values: Any) -> str:
    """One number if all agree, else one for each axis, in parentheses; nothing where there is none."""
    found = [fraction(value) for value in values]
    return "" if not any(found) else found[0] if len(set(found)) == 1 else f"({', '.join(v or '-' for v in found)})"


def fraction(value: Any) -> str:
    """`16`, `0.5`, `2/3`: exact, a decimal where the denominator is a power of two."""
    if value is None:
        return ""
    if value.denominator == 1:
        return written(value.numerator)
    few = value.denominator in (2, 4, 8, 16) and abs(value) < 1_000_000
    return f"{float(value):g}" if few and len(f"{float(value):g}") < 9 else str(value)


def written(number: int | None) -> str:
    """A whole number; `?` for an open one, the power of two below one of thousands of digits."""
    if number is None:
        return "?"
    return str(number) if number.bit_length() < 4096 else f"over 2**{number.bit_length() - 1}"


def agreed(values: tuple[Any, ...]) -> Any:
    """One value if all agree, else one for each axis; None without axes."""
    return None if not values else values[0] if len(set(values)) == 1 else values


def plain(value: Any) -> Any:
    """A number for JSON: whole numbers as such, a fraction as text (`2/3`)."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else str(value)


def axis_dict(axis: AxisField) -> dict[str, Any]:
    return {
        "size": axis.size,
        "local_size": axis.local,
        "whole": axis.whole,
        "jump": plain(axis.jump),
        "first": plain(axis.first),
    }
