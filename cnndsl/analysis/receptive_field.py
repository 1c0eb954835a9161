"""Receptive fields: what of the input every layer's positions see, on any graph.

Per axis: the size r, the jump j (the effective stride) and the centre of the first position's field.
A window makes r' = r + D(F-1) j and j' = j S; a join takes the union of its branches; what enlarges
divides the jump, and r is the largest over its phases; a global pool, `flatten` and `fc` see the whole.
After A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from cnndsl.analysis.alignment import Misaligned, misaligned
from cnndsl.analysis.amounts import numbers, plain, sizes, stretches
from cnndsl.analysis.cells import Cells
from cnndsl.analysis.field import AxisField
from cnndsl.analysis.fields import Fields, fields
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.graph import Graph, Node
from cnndsl.layers.masks import cells as members
from cnndsl.volume import Volume, axis_names


class ReceptiveField(Shown):
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

    def page(self) -> Page:
        return Page(f"{self.path}: receptive field", (_table((self,), self.inputs), _explained((self,))))

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
    #: for each input, the cells that no output is computed from; none where that is open or too long to look at
    unread: Mapping[str, Cells] = {}

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
        never = tuple(Fact("never read", _unread(name, cells)) for name, cells in self.unread.items() if cells)
        explained = _explained(self.layers)
        several = len(self.inputs) > 1
        sizes = ", ".join(f"{name} {volume}" if several else str(volume) for name, volume in self.inputs.items())
        facts = explained.replace(facts=(*explained.facts, *never))
        return Page(f"{self.net}: receptive fields on {sizes}", (_table(self.layers, self.inputs), facts))

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": Graph.schema,
            "net": self.net,
            "inputs": {name: list(volume.extents) for name, volume in self.inputs.items()},
            "never_read": {name: cells.count for name, cells in self.unread.items()},
            "layers": [layer.to_dict() for layer in self.layers],
        }


def receptive_field(graph: Graph) -> ReceptiveFields:
    """The receptive fields of all layers of a net, also of those that no output needs."""
    inputs = {name: graph.nodes[number].volume for name, number in graph.inputs.items()}
    found = fields(graph)
    layers = tuple(_layer(graph, node, found[node.number]) for node in graph.nodes)
    return ReceptiveFields(graph.name, inputs, layers)


def with_unread(found: ReceptiveFields, graph: Graph) -> ReceptiveFields:
    """The same with the cells of the inputs that no output is computed from."""
    from cnndsl.analysis.coverage import never_read

    return found.replace(unread=never_read(graph))


def _unread(name: str, cells: Cells) -> str:
    """`447 of 50,176 cells of input: height 223, width 223`, the places at which nothing is read."""
    places = []
    for axis, (label, extent) in enumerate(zip(axis_names(len(cells.extents)), cells.extents)):
        others = prod(cells.extents) // extent
        whole = [place for place in members(cells.along(axis)) if cells.at(axis, place) == others]
        if whole:
            places.append(f"{label} {stretches(sum(1 << place for place in whole))}")
    where = f": {', '.join(places)}" if places else ""
    return f"{cells.count:,} of {prod(cells.extents):,} cells of {name}{where}"


def _layer(graph: Graph, node: Node, seen: Fields) -> ReceptiveField:
    told = tuple(misaligned(graph, node)) if len(node.inputs) > 1 else ()
    return ReceptiveField(node.path, node.layer.written(), node.volume, seen, told)


def _table(layers: Sequence[ReceptiveField], inputs: Mapping[str, Any]) -> Table:
    """A line for each layer, for each of its inputs where the net has several."""
    several = len(inputs) > 1
    names = ("path", "layer", "output", *(["input"] if several else []), "field", "jump", "first centre")
    right = ("field", "jump", "first centre")
    headings = tuple(Heading(name, "right" if name in right else "left") for name in names)
    return Table(headings, tuple(row for layer in layers for row in _rows(layer, several)))


def _explained(layers: Sequence[ReceptiveField]) -> Facts:
    """What the columns are, and which joins do not line up."""
    facts = [Fact("field", "cells of the input that one position sees, from the first to the last, per axis")]
    facts += [Fact("jump", "cells of the input from one position to the next")]
    facts += [Fact("misaligned", f"{layer.path}, {item}") for layer in layers for item in layer.misaligned]
    return Facts(tuple(facts))


def _rows(layer: ReceptiveField, several: bool) -> Iterator[tuple[str, ...]]:
    start = (layer.path, layer.call, str(layer.output))
    for name, axes in layer.inputs.items():
        written = (sizes(axes), numbers(axis.jump for axis in axes), numbers(axis.first for axis in axes))
        yield (*start, *([name] if several else []), *written)
        start = ("", "", "")
    if not layer.inputs:
        yield (*start, *([""] if several else []), "", "", "")


def agreed(values: tuple[Any, ...]) -> Any:
    """One value if all agree, else one for each axis; None without axes."""
    return None if not values else values[0] if len(set(values)) == 1 else values


def axis_dict(axis: AxisField) -> dict[str, Any]:
    return {
        "size": axis.size,
        "local_size": axis.local,
        "whole": axis.whole,
        "jump": plain(axis.jump),
        "first": plain(axis.first),
    }
