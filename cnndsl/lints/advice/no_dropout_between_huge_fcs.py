"""W311: large fully connected layers with nothing that keeps them from learning by heart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import begins, origins, weights
from cnndsl.lints.base import Advice, Lint

#: a layer of this many weights is huge
HUGE = 1_000_000


class NoDropoutBetweenHugeFcs(Advice):
    """Two fully connected layers, one of them with a million weights or more, have only an activation between.

    Why: so many weights can learn a training set by heart. Dropout between them, or a
    normalization, is what made such layers work.

    Example:
        net Heavy { input 9216 ; fc(4096) -> relu -> fc(1000) }

    Instead: `fc(4096) -> relu -> dropout(0.5) -> fc(1000)`.
    G. Hinton et al., Improving neural networks by preventing co-adaptation of feature detectors, 2012.
    """

    code: ClassVar[str] = "W311"
    name: ClassVar[str] = "no_dropout_between_huge_fcs"
    title: ClassVar[str] = "nothing regularizes what goes from `{first}` to `{second}`"
    label: ClassVar[str] = "the two have {first_count:,} and {second_count:,} weights"
    help: ClassVar[str] = "put `dropout(0.5)` before it"

    first: str
    second: str
    first_count: int
    second_count: int
    simple: bool

    def fixes(self) -> Iterable[Fix]:
        if self.simple and self.where.span:
            start = self.where.span.start
            yield Fix("dropout before it", (Edit(self.where.span.replace(end=start), "dropout(0.5) -> "),))

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found = origins(graph, lambda node: node.layer.family == "dense", _passes)
        for node in graph.families.get("dense", ()):
            first = found[node.inputs[0]]
            if first:
                counts = weights(graph, first), weights(graph, node)
                if max(counts) >= HUGE:
                    yield cls(node.site, first.path, node.path, *counts, begins(node))


def _passes(node: Node) -> bool:
    return not node.layer.disturbs and (node.layer.transparent or node.layer.family == "activation")
