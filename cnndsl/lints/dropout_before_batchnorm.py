"""W227: running statistics of what dropout leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Label
from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import arrays, origins
from cnndsl.lints.base import Lint
from cnndsl.source import Span


class DropoutBeforeBatchnorm(Lint):
    """Dropout stands directly before a batch normalization, or with an activation between.

    Why: dropout makes values vary more while training (their mean square grows by 1 / (1 - rate)),
    and the normalization learns that variance. Otherwise nothing is dropped, the variance is
    smaller, and what is normalized by the learned one comes out too small: the net is worse than
    its training says.

    Example:
        net Head { input 256 ; fc(128, bias=false) -> dropout(0.5) -> batchnorm -> relu ; fc(10) }

    Instead: dropout behind the last normalization, `batchnorm -> relu -> dropout(0.5) -> fc(10)`.
    X. Li, S. Chen, X. Hu and J. Yang, Understanding the disharmony between dropout and batch
    normalization by variance shift, 2019.
    """

    code: ClassVar[str] = "W227"
    name: ClassVar[str] = "dropout_before_batchnorm"
    title: ClassVar[str] = "`{path}` learns a variance that only training has"
    label: ClassVar[str] = "keeps the variance of what is left"
    help: ClassVar[str] = "put `{dropout}` behind the last normalization"

    path: str
    dropout: str
    place: Span | None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place and self.place != self.where.span:
            yield Label(self.place, f"`{self.dropout}` makes it larger while training")

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found = origins(graph, lambda node: node.layer.disturbs, _passes)
        for node in graph.nodes:
            first = found[node.inputs[0]] if len(node.inputs) == 1 else None
            kept = first and any(item.role == "statistic" for item in arrays(graph, node))
            if first and kept and not node.frozen:
                yield cls(node.site, node.path, first.path, first.site.span)


def _passes(node: Node) -> bool:
    return node.layer.transparent or node.layer.family == "activation"
