"""W314: more outputs than there are directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Label
from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import arrays, origins
from cnndsl.lints.base import Advice, Lint
from cnndsl.source import Span


class BottleneckLosesRank(Advice):
    """A layer without a spatial kernel widens what a narrower linear layer gives it, with nothing non-linear between.

    Why: the outputs are mixtures of the few values between the two layers: their rank is at most
    that number, and what the narrow layer dropped is lost. Meant, it saves weights (the linear
    bottlenecks of MobileNetV2, a truncated factorization); otherwise it is a bound on what the net
    can tell apart.

    Example:
        net Narrow { input 784 ; fc(8) -> fc(100) -> relu }

    Instead: an activation between the two, or as many values between them as the input or the
    outputs have.
    M. Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, 2018.
    """

    code: ClassVar[str] = "W314"
    name: ClassVar[str] = "bottleneck_loses_rank"
    title: ClassVar[str] = "the {wide} outputs of `{second}` are mixtures of {narrow} values"
    label: ClassVar[str] = "rank {narrow} at most"
    help: ClassVar[str] = "put an activation behind `{first}`, or make it wider"

    first: str
    second: str
    narrow: int
    wide: int
    place: Span | None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place and self.place != self.where.span:
            yield Label(self.place, f"`{self.first}` leaves {self.narrow}")

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found = origins(
            graph,
            lambda node: node.layer.learns and node.layer.linear,
            lambda node: node.layer.linear and not node.layer.learns,
        )
        for node in graph.nodes:
            first = found[node.inputs[0]] if node.inputs and node.layer.learns and node.layer.linear else None
            if first and _mixes(graph, node):
                narrow, wide = _width(graph, node), node.volume.channels
                if narrow and wide and narrow < min(wide, _seen(graph, first)):
                    yield cls(node.site, first.path, node.path, narrow, wide, first.site.span)


def _mixes(graph: Graph, node: Node) -> bool:
    """Whether every output is a mixture of the values at one position, or of all."""
    (volume,) = graph.feeds(node)
    return (
        node.layer.apart(volume.channels or 1) == 1
        and all(window.kernel == 1 for window in graph.case(node).windows)
        and not node.layer.spreads(volume)
    )


def _width(graph: Graph, node: Node) -> int | None:
    """How many values an output is a mixture of."""
    (volume,) = graph.feeds(node)
    return volume.channels if graph.case(node).windows else volume.elements


def _seen(graph: Graph, node: Node) -> int:
    """How many values one output of a layer sees."""
    return next((item.start.fan_in for item in arrays(graph, node) if item.role == "weight"), 0)
