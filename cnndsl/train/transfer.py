"""Features that were learned once, used again: weights of another net, layers that stay as they are, their outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.engine import Engine, Optimizer, Snapshot
from cnndsl.flow import is_learned
from cnndsl.graph import Graph, Node
from cnndsl.program import Parameter, Program
from cnndsl.train.running import build
from cnndsl.train.selection import select
from cnndsl.train.weights import THE_FILE, sized

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse


def frozen(graph: Graph, nodes: Iterable[Node], state: bool) -> Graph:
    """The graph with some of its layers frozen, or trained; with a layer, the one whose arrays it shares."""
    paths = {path for node in nodes for path in (node.path, node.owner)}
    return graph.replace(
        nodes=tuple(node.replace(frozen=state) if node.path in paths else node for node in graph.nodes)
    )


def refit(snapshot: Snapshot, program: Program, optimizer: Optimizer) -> Snapshot:
    """A snapshot for a program that learns other parameters of the same net: new slots are zeros, old ones go."""
    names = {parameter.name for parameter in program.parameters}
    arrays = {name: array for name, array in snapshot.arrays.items() if name in names}
    for parameter in filter(is_learned, program.parameters):
        for slot in optimizer.slots:
            key = f"{slot}:{parameter.name}"
            kept = snapshot.arrays.get(key)
            arrays[key] = np.zeros_like(arrays[parameter.name]) if kept is None else kept
    return Snapshot(arrays, snapshot.numbers)


def cut(model: Reuse, at: str) -> Engine:
    """An engine with the weights of a model that gives the output of a layer, or of the last of a label or block.

    Raises CnnError (E534) where there is none of that name.
    """
    from cnndsl.lower import lower

    node = select(model.net.graph, at)[-1]
    return looking(model, lower(model.net.graph.replace(outputs={at: node.number})))


def looking(model: Reuse, program: Program) -> Engine:
    """An engine for another program of the same net, with a model's weights: to see what it gives on the way."""
    engine = build(model.backend, program, model.running)
    names = {parameter.name for parameter in program.parameters}
    engine.load({name: array for name, array in model.engine.arrays().items() if name in names})
    return engine


class Fitting:
    """Which arrays that are given fit which parameters of a net; `into` is the label or block that they are for.

    `arrays` are those that fit, by the net's names; `missing` are parameters without an array, `mismatched`
    those whose shapes differ, `unused` arrays that no parameter is called like.
    """

    def __init__(
        self, parameters: Iterable[Parameter], given: Mapping[str, Array], into: str = "", place: str = THE_FILE
    ) -> None:
        prefix = f"{into}." if into else ""
        wanted = {item.name.removeprefix(prefix): item for item in parameters if item.name.startswith(prefix)}
        self.parameters = tuple(item.replace(name=name) for name, item in wanted.items())
        fits = {name for name, item in wanted.items() if name in given and given[name].shape == item.shape}
        self.arrays = {wanted[name].name: given[name] for name in wanted if name in fits}
        self.missing = tuple(item.name for name, item in wanted.items() if name not in given)
        self.mismatched = tuple(
            f"{item.name}: {sized(given[name].shape)} in {place}, {sized(item.shape)} in the net"
            for name, item in wanted.items()
            if name in given and name not in fits
        )
        self.unused = tuple(name for name in given if name not in wanted)
