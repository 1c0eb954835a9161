"""W225: two learned linear layers that are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix, Label
from cnndsl.graph import Case, Graph, Node
from cnndsl.layers.window import Window
from cnndsl.lints._walk import alone, begins, origins, weights
from cnndsl.lints.base import Lint
from cnndsl.source import Span


class NoNonlinearityBetween(Lint):
    """Two learned layers follow each other with nothing between them that bends a line.

    Why: a linear function of a linear function is linear: one layer of no more weights computes the
    same (but for the border, if the second one pads), so the first adds work and no power.

    Not meant are pairs with fewer weights than the one layer that they make: a depthwise and a
    pointwise convolution, a narrow layer between two wide ones, 1xN and Nx1; nor pairs with a
    normalization between.

    Example:
        net Two { input 784 ; fc(512) -> fc(10) -> softmax }

    Instead: an activation between them, `fc(512) -> relu -> fc(10)`, or one of them alone.
    A. Saxe, J. McClelland and S. Ganguli, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks, 2014.
    """

    code: ClassVar[str] = "W225"
    name: ClassVar[str] = "no_nonlinearity_between"
    title: ClassVar[str] = "nothing non-linear between `{first}` and `{second}`"
    label: ClassVar[str] = "a linear function of a linear function"
    note: ClassVar[str] = "one linear layer does the same with {merged:,} weights; these two have {weights:,}"
    help: ClassVar[str] = "put an activation such as `relu` between them, or leave one of them out"

    first: str
    second: str
    merged: int
    weights: int
    place: Span | None
    simple: bool

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place and self.place != self.where.span:
            yield Label(self.place, f"`{self.first}`")

    def fixes(self) -> Iterable[Fix]:
        if self.simple and self.where.span:
            start = self.where.span.start
            yield Fix("`relu` between them", (Edit(self.where.span.replace(end=start), "relu -> "),))

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        shared = {node.owner for node in graph.nodes if node.owner != node.path}

        def free(node: Node) -> bool:
            """Whether a layer is linear and its weights are trained for this place alone."""
            layer = node.layer
            given = layer.given and not node.thawed
            return layer.learns and layer.linear and not (given or node.frozen or node.owner in shared)

        found = origins(
            graph,
            lambda node: free(node) and alone(graph, node),
            lambda node: node.layer.transparent and alone(graph, node),
        )
        known: dict[tuple[Case, Case], int | None] = {}
        for node in graph.nodes:
            first = found[node.inputs[0]] if len(node.inputs) == 1 else None
            if first and free(node):
                pair = graph.case(first), graph.case(node)
                if pair not in known:
                    known[pair] = _merged(*pair)
                merged, both = known[pair], weights(graph, first) + weights(graph, node)
                if merged is not None and merged <= both:
                    simple = begins(node)
                    yield cls(node.site, first.path, node.path, merged, both, first.site.span, simple)


def _merged(first: Case, second: Case) -> int | None:
    """The weights of the one layer that does what both do; None where there is none, or it is no gain."""
    if _factors(first.windows, second.windows):
        return None
    return second.layer.absorbed(first.layer, *first.feeds)


def _factors(first: tuple[Window, ...], second: tuple[Window, ...]) -> bool:
    """Whether each looks along axes of its own, as 1xN and Nx1 do: a product written as its factors."""
    apart = all(min(one.kernel, two.kernel) == 1 for one, two in zip(first, second))
    wide = all(any(window.kernel > 1 for window in windows) for windows in (first, second))
    return apart and wide
