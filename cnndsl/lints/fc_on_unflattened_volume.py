"""W230: a volume that becomes a vector without a word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import begins
from cnndsl.lints.base import Lint


class FcOnUnflattenedVolume(Lint):
    """A fully connected layer is given a volume with a height and a width, and flattens it unasked.

    Why: it is the moment where the net forgets which values are neighbours and is tied to one size
    of input, and often where most of its weights are; a reader should see it. Frameworks that apply
    their dense layer at every position (Keras, PyTorch) mean something else by the same line.

    Example:
        net Digits { input 28x28x1 ; conv(6, 5) -> relu ; fc(10) }

    Instead: `flatten ; fc(10)`, or `global_avgpool -> fc(10)`; at every position by itself it is
    `conv(10, 1)`. A 1x1 volume needs no `flatten`.
    """

    code: ClassVar[str] = "W230"
    name: ClassVar[str] = "fc_on_unflattened_volume"
    visits: ClassVar[tuple[str, ...]] = ("dense",)
    title: ClassVar[str] = "`{path}` flattens {volume} to {count:,} values unasked"
    label: ClassVar[str] = "is given {volume}"
    help: ClassVar[str] = "write `flatten` before it; at every position by itself it is a 1x1 convolution"

    path: str
    volume: str
    count: int
    simple: bool

    def fixes(self) -> Iterable[Fix]:
        if self.simple and self.where.span:
            start = self.where.span.start
            yield Fix("say so", (Edit(self.where.span.replace(end=start), "flatten -> "),), safe=True)

    @classmethod
    def visit(cls, graph: Graph, node: Node) -> Iterable[Lint]:
        (volume,) = graph.feeds(node)
        if node.layer.flattens(volume) and any(extent != 1 for extent in volume.spatial):
            yield cls(node.site, node.path, str(volume), volume.elements or 0, begins(node))
