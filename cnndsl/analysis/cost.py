"""Cost: what every layer holds and computes, as exact whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from cnndsl.analysis.shown import Page, Shown
from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Layer, Weights
from cnndsl.record import Record
from cnndsl.volume import StillOpen, Volume

if TYPE_CHECKING:
    from cnndsl.analysis.conventions import Convention

Number = int | None
#: the conventions by which operations and parameters are counted unless others are asked for
USUAL = ("torchvision", "pytorch")
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
    def activations(self) -> Number:
        """Values of its output, if it is the input, a convolution, a pool or fully connected; 0 for others."""
        return self.output.elements if self.layer.stored else 0

    def beside(self, tool: str) -> Number:
        """What a tool counts for it beside its multiply-accumulates."""
        return _unless_open(lambda: self.layer.beside(tool, *self.feeds))

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
    """The counts of a network: its layers in order of execution, and totals.

    `count` and `held` name the conventions that its page follows and that `operations` and `values`
    are counted by; all other counts are what their names say under any of them.
    """

    net: str
    inputs: dict[str, Volume]
    outputs: dict[str, Volume]
    layers: tuple[LayerCost, ...]
    doc: str = ""
    count: str = USUAL[0]
    held: str = USUAL[1]

    @property
    def conventions(self) -> tuple[Convention, Convention]:
        """How operations and how parameters are counted. Raises CnnError (E054) for a name that there is not."""
        from cnndsl.analysis.conventions import named

        return named("count", self.count), named("params", self.held)

    @property
    def operations(self) -> Number:
        """What is computed for one example, as `count` counts."""
        return total(map(self.conventions[0].of, self.layers))

    @property
    def values(self) -> Number:
        """What is held, as `held` counts."""
        return total(map(self.conventions[1].of, self.layers))

    def page(self) -> Page:
        from cnndsl.render.summary import page

        return page(self)

    @property
    def params(self) -> Number:
        """Learnable values, frozen layers included; None while one count is open."""
        return total(layer.params for layer in self.layers)

    @property
    def frozen_params(self) -> Number:
        """The part of the learnable values that `freeze=true` keeps from being trained."""
        return total(layer.params for layer in self.layers if layer.frozen)

    @property
    def trained_params(self) -> Number:
        """The learnable values that are trained."""
        return total(layer.params for layer in self.layers if not layer.frozen)

    @property
    def activations(self) -> Number:
        """The values of the input and of the outputs of convolutions, pools and fully connected layers."""
        return total(layer.activations for layer in self.layers)

    @property
    def statistics(self) -> Number:
        """Running means and variances."""
        return total(layer.statistics for layer in self.layers)

    @property
    def constants(self) -> Number:
        """Given numbers that are never trained."""
        return total(layer.constants for layer in self.layers)

    @property
    def macs(self) -> Number:
        """Multiply-accumulates of one example; None while one count is open."""
        return total(layer.macs for layer in self.layers)

    @property
    def unshared(self) -> Number:
        """Weights and biases if every output position had its own."""
        return total(layer.unshared for layer in self.layers)

    @property
    def connections(self) -> Number:
        """Input cells that units read through weights and pooling windows, and one for each bias."""
        return total(layer.connections for layer in self.layers)

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
            "trained": self.trained_params,
            "frozen": self.frozen_params,
            "statistics": self.statistics,
            "constants": self.constants,
            "macs": self.macs,
            "activations": self.activations,
            **({"count": self.count, "operations": self.operations} if self.count != USUAL[0] else {}),
            **({"held": self.held, "values": self.values} if self.held != USUAL[1] else {}),
            "layers": [{**layer.to_dict(), **self._counted(layer)} for layer in self.layers],
        }

    def _counted(self, layer: LayerCost) -> dict[str, Any]:
        """A layer's counts by conventions other than the usual ones."""
        if (self.count, self.held) == USUAL:
            return {}
        count, held = self.conventions
        own = {"operations": count.of(layer)} if self.count != USUAL[0] else {}
        return {**own, "values": held.of(layer)} if self.held != USUAL[1] else own


def cost(graph: Graph, count: str = USUAL[0], held: str = USUAL[1]) -> Cost:
    """The cost of a network, layers that no output needs included; `count` and `held` name conventions."""
    return Cost(
        graph.name,
        {name: graph.nodes[number].volume for name, number in graph.inputs.items()},
        {name: graph.nodes[number].volume for name, number in graph.outputs.items()},
        tuple(map(_Counts(graph).layer, graph.nodes)),
        graph.doc,
        count,
        held,
    )


class _Counts:
    """The counts of layers; of a layer that is met again with the same inputs (in a loop) they are known."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known: dict[tuple[object, ...], tuple[Any, ...]] = {}

    def layer(self, node: Node) -> LayerCost:
        feeds = self.graph.feeds(node)
        own = node.owner == node.path
        key = (id(node.layer), own, node.thawed, *(volume.extents for volume in feeds))
        if key not in self.known:
            self.known[key] = self._count(node, feeds, own)
        params, statistics, constants, macs, remark = self.known[key]
        return LayerCost(
            node.path,
            node.layer,
            tuple(self.graph.nodes[number].path for number in node.inputs),
            feeds,
            node.volume,
            params,
            statistics,
            constants,
            macs,
            node.frozen,
            node.owner,
            remark,
        )

    def _count(self, node: Node, feeds: tuple[Volume, ...], own: bool) -> tuple[Any, ...]:
        arrays = _unless_open(lambda: node.arrays(feeds)) if own else ()
        return (
            _values(arrays, "weight", "bias", "norm"),
            _values(arrays, "statistic"),
            _values(arrays, "constant"),
            _unless_open(lambda: node.layer.macs(*feeds)),
            node.layer.remark(*feeds),
        )


def _unless_open(count: Callable[[], T]) -> T | None:
    """The result of a count; None if it depends on an extent that is not fixed."""
    try:
        return count()
    except StillOpen:
        return None


def _values(arrays: tuple[Weights, ...] | None, *roles: str) -> Number:
    """How many values the arrays of these roles hold."""
    return None if arrays is None else sum(array.count for array in arrays if array.role in roles)


def total(counts: Iterable[Number]) -> Number:
    """The sum; None if one of the counts is open."""
    found = list(counts)
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None
