"""Cost: what every layer holds and computes, as exact whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any, ClassVar, TypeVar

from cnndsl.analysis.shown import Page, Shown
from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Layer, Weights
from cnndsl.record import Record
from cnndsl.volume import StillOpen, Volume

Number = int | None
T = TypeVar("T")


class LayerCost(Record):
    """One layer: what it reads and gives, and its counts for one example; None while a `?` leaves one open.

    `params` are learnable values, frozen ones included; running statistics and given constants are
    apart. A layer that shares another's arrays (`owner`) holds none itself.
    """

    path: str
    layer: Layer
    inputs: tuple[str, ...]
    feeds: tuple[Volume, ...]
    output: Volume
    params: Number
    statistics: Number
    constants: Number
    macs: Number
    frozen: bool = False
    owner: str = ""
    remark: str = ""

    @property
    def kind(self) -> str:
        return self.layer.kind

    @property
    def unshared(self) -> Number:
        """Weights and biases if every output position had its own, H2 W2 K (F_h F_w C/G + 1) of a convolution."""
        return _unless_open(lambda: self.layer.unshared(*self.feeds))

    @property
    def connections(self) -> Number:
        """Input cells that its units read through weights and pooling windows, and one for each bias."""
        return _unless_open(lambda: self.layer.connections(*self.feeds))

    @property
    def connected(self) -> Number:
        """What a fully connected layer in its place would hold: inputs x outputs + outputs."""
        return _unless_open(lambda: self.layer.connected(*self.feeds))

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "kind": self.kind,
            "inputs": list(self.inputs),
            "output": list(self.output.extents),
            "params": self.params,
            "macs": self.macs,
        }


class Cost(Shown):
    """The counts of a network: its layers in order of execution, and totals."""

    #: how MACs are counted, for whoever prints a total
    convention: ClassVar[str] = (
        "one multiply-accumulate per weight and output position of convolutions, distances (rbf) and fully or "
        "locally connected layers, per weight and input position of transposed convolutions, biases and all "
        "other layers free (as torchvision counts); parameters are learnable values, running statistics and "
        "given numbers apart (as PyTorch counts)"
    )

    net: str
    inputs: dict[str, Volume]
    outputs: dict[str, Volume]
    layers: tuple[LayerCost, ...]
    doc: str = ""

    def page(self) -> Page:
        from cnndsl.render.summary import page

        return page(self)

    @property
    def params(self) -> Number:
        """Learnable values, frozen layers included; None while one count is open."""
        return _total(layer.params for layer in self.layers)

    @property
    def frozen_params(self) -> Number:
        """The part of the learnable values that `freeze=true` keeps from being trained."""
        return _total(layer.params for layer in self.layers if layer.frozen)

    @property
    def statistics(self) -> Number:
        """Running means and variances."""
        return _total(layer.statistics for layer in self.layers)

    @property
    def constants(self) -> Number:
        """Given numbers that are never trained."""
        return _total(layer.constants for layer in self.layers)

    @property
    def macs(self) -> Number:
        """Multiply-accumulates of one example; None while one count is open."""
        return _total(layer.macs for layer in self.layers)

    @property
    def unshared(self) -> Number:
        """Weights and biases if every output position had its own."""
        return _total(layer.unshared for layer in self.layers)

    @property
    def connections(self) -> Number:
        """Input cells that units read through weights and pooling windows, and one for each bias."""
        return _total(layer.connections for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it: exact whole numbers, sizes as lists, null for what is open.

        A layer's `inputs` are the paths of the layers that it reads.
        """
        return {
            "schema": Graph.schema,
            "net": self.net,
            "inputs": {name: list(volume.extents) for name, volume in self.inputs.items()},
            "outputs": {name: list(volume.extents) for name, volume in self.outputs.items()},
            "params": self.params,
            "macs": self.macs,
            "layers": [layer.to_dict() for layer in self.layers],
        }


def cost(graph: Graph) -> Cost:
    """The cost of a network, layers that no output needs included."""
    return Cost(
        graph.name,
        {name: graph.nodes[number].volume for name, number in graph.inputs.items()},
        {name: graph.nodes[number].volume for name, number in graph.outputs.items()},
        tuple(_layer(graph, node) for node in graph.nodes),
        graph.doc,
    )


def _layer(graph: Graph, node: Node) -> LayerCost:
    feeds = graph.feeds(node)
    own = node.owner == node.path
    arrays = _unless_open(lambda: node.arrays(feeds)) if own else ()
    return LayerCost(
        path=node.path,
        layer=node.layer,
        inputs=tuple(graph.nodes[number].path for number in node.inputs),
        feeds=feeds,
        output=node.volume,
        params=_values(arrays, "weight", "bias", "norm"),
        statistics=_values(arrays, "statistic"),
        constants=_values(arrays, "constant"),
        macs=_unless_open(lambda: node.layer.macs(*feeds)),
        frozen=node.frozen,
        owner=node.owner,
        remark=node.layer.remark(*feeds),
    )


def _unless_open(count: Callable[[], T]) -> T | None:
    """The result of a count; None if it depends on an extent that is not fixed."""
    try:
        return count()
    except StillOpen:
        return None


def _values(arrays: tuple[Weights, ...] | None, *roles: str) -> Number:
    """How many values the arrays of these roles hold."""
    return None if arrays is None else sum(prod(array.shape) for array in arrays if array.role in roles)


def _total(counts: Iterable[Number]) -> Number:
    """The sum; None if one of the counts is open."""
    found = list(counts)
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None
