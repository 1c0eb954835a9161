"""W310: one fully connected layer that holds most of the net."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.layers.base import Weights
from cnndsl.lints._walk import origins, weights
from cnndsl.lints.base import Advice, Lint


class HugeFcShare(Advice):
    """A single fully connected layer behind an image holds more than half of the net's parameters.

    Why: it has a weight for every position and channel, so it learns the same thing anew at every
    position, fits one size of image, and overfits. A mean over the positions first needs a weight
    for every channel only.

    Example:
        net Heavy { input 32x32x3 ; conv(32, 3, pad=1) -> relu ; flatten -> fc(256) -> relu -> fc(10) }

    Instead: `global_avgpool -> fc(256)`, or pool further before it.
    M. Lin, Q. Chen and S. Yan, Network in network, 2013.
    """

    code: ClassVar[str] = "W310"
    name: ClassVar[str] = "huge_fc_share"
    title: ClassVar[str] = "`{path}` holds {count:,} of the net's {total:,} parameters"
    label: ClassVar[str] = "{percent} % of all, one for every value of {volume}"
    help: ClassVar[str] = "`global_avgpool` before it leaves {fewer:,} of them"

    path: str
    count: int
    total: int
    volume: str
    fewer: int

    @property
    def percent(self) -> int:
        return 100 * self.count // self.total

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        total = sum(_learned(graph.arrays(node)) for node in graph.nodes)
        before = origins(graph, lambda node: not node.layer.transparent, lambda node: node.layer.transparent)
        for node in graph.families.get("dense", ()):
            count = _learned(graph.arrays(node))
            image = before[node.inputs[0]]
            if 2 * count > total and image and any(extent != 1 for extent in image.volume.spatial):
                lone = prod(image.volume.shape[:-1])  # the weights of a unit for one channel
                fewer = count - weights(graph, node) // lone * (lone - 1)
                yield cls(node.site, node.path, count, total, str(image.volume), fewer)


def _learned(found: tuple[Weights, ...]) -> int:
    return sum(item.count for item in found if item.trained)
