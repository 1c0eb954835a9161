"""W312: a pool that leaves little."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import prod
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint

#: a 3x3 pool without overlap leaves this share of the cells
LEAST = Fraction(1, 9)


class PoolTooLarge(Advice):
    """A pool leaves fewer than one cell in nine, and more than one.

    Why: where in its window something was is lost. 2x2, or 3x3 with a stride of 2, are what has
    proved itself; several such pools with convolutions between can tell more than one large one.

    Example:
        net Coarse { input 64x64x3 ; conv(16, 3, pad=1) -> relu -> maxpool(4) -> conv(32, 3) }

    Instead: `maxpool(2)` twice with a convolution between, or `conv(…, stride=2)`; at the end of the
    net `global_avgpool`.
    """

    code: ClassVar[str] = "W312"
    name: ClassVar[str] = "pool_too_large"
    visits: ClassVar[tuple[str, ...]] = ("pool",)
    title: ClassVar[str] = "`{path}` leaves one cell in {share}"
    label: ClassVar[str] = "{before} becomes {after}"
    help: ClassVar[str] = "pool by 2, or by 3 with a stride of 2, and more than once"

    path: str
    share: str
    before: str
    after: str

    @classmethod
    def visit(cls, graph: Graph, node: Node) -> Iterable[Lint]:
        (volume,) = graph.feeds(node)
        if not (volume.fixed and graph.case(node).windows):
            return
        cells, left = prod(volume.shape[:-1]), prod(node.volume.shape[:-1])
        if left > 1 and Fraction(left, cells) < LEAST:
            yield cls(node.site, node.path, f"{cells / left:.3g}", str(volume), str(node.volume))
