"""W226: probabilities that are not the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix, Label
from cnndsl.graph import Graph
from cnndsl.lints._walk import origins, removal
from cnndsl.lints.base import Lint
from cnndsl.source import Span

#: what the reader does, and what to do instead
TWICE = ("values from 0 to 1 are nearly alike for it", "leave one of the two out")
BETWEEN = (
    "hardly any gradient gets behind it",
    "use `relu` between layers; of a net that is used as a layer, take what is before (`until=LABEL`)",
)


class SoftmaxBeforeTheEnd(Lint):
    """The softmax of a vector is read by another learned layer, or by another softmax.

    Why: softmax makes all channels but the largest small, and its gradient vanishes where one has
    won, so what is before it hardly learns. A second softmax is given values from 0 to 1 only, so
    that of n classes none can get more than e / (e + n - 1): 0.23 of 10. As a gate (`mul`) it is
    meant, and not reported.

    Example:
        net Twice { input 784 ; fc(128) -> softmax -> fc(10) -> softmax }

    Instead: `relu` between layers, one softmax at the end. A net that is used as a layer brings its
    softmax along: stop before it with `until=LABEL`.
    """

    code: ClassVar[str] = "W226"
    name: ClassVar[str] = "softmax_before_the_end"
    title: ClassVar[str] = "`{reader}` goes on with the probabilities of `{path}`"
    label: ClassVar[str] = "{reads}"
    help: ClassVar[str] = "{advice}"

    reader: str
    path: str
    reads: str
    advice: str
    place: Span | None
    fix: Fix | None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place and self.place != self.where.span:
            yield Label(self.place, "belongs at the end")

    def fixes(self) -> Iterable[Fix]:
        return (self.fix,) if self.fix else ()

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found = origins(graph, lambda node: node.layer.distributes, lambda node: node.layer.transparent)
        for node in graph.nodes:
            first = found[node.inputs[0]] if len(node.inputs) == 1 else None
            if first and (node.layer.distributes or (node.layer.learns and not first.volume.rank)):
                words = TWICE if node.layer.distributes else BETWEEN
                edit = removal(first) if first.scopes == node.scopes else None
                fix = Fix(f"without `{first.path}`", (edit,)) if edit else None
                yield cls(node.site, node.path, first.path, *words, first.site.span, fix)
