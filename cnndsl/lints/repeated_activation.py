"""W224: an activation of values that it leaves as they are."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Bounds
from cnndsl.lints._walk import bounds, chained, removal, unanimous
from cnndsl.lints.base import Lint


class RepeatedActivation(Lint):
    """An activation is given only values that it gives back unchanged.

    Why: `relu` of what is never negative is the identity: behind another `relu` or a `sigmoid`, also
    with a pool, dropout or a sum of such values between. It is computed for nothing, and often
    stands where a normalization or another layer was meant.

    Example:
        net Twice { input 28x28x1 ; conv(8, 3) -> relu -> maxpool(2) -> relu }

    Instead: leave the second one out.
    """

    code: ClassVar[str] = "W224"
    name: ClassVar[str] = "repeated_activation"
    title: ClassVar[str] = "`{path}` changes nothing"
    label: ClassVar[str] = "what it is given is never {outside}"
    help: ClassVar[str] = "leave it out"

    path: str
    outside: str
    fix: Fix | None

    def fixes(self) -> Iterable[Fix]:
        return (self.fix,) if self.fix else ()

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        given = bounds(graph)
        found = [
            node
            for node in graph.nodes
            if node.layer.unchanged and _within(given[node.inputs[0]], node.layer.unchanged)
        ]
        for node in unanimous(graph, found):
            edit = removal(node)
            fix = Fix(f"without `{node.layer.kind}`", (edit,), safe=_everywhere(graph, node)) if edit else None
            yield cls(node.site, node.path, _outside(*(node.layer.unchanged or ())), fix)


def _outside(low: float, high: float) -> str:
    return f"below {low:g}" if high == inf else f"below {low:g} or above {high:g}"


def _within(inner: Bounds, outer: Bounds) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _everywhere(graph: Graph, node: Node) -> bool:
    """Whether what bounds its input is written before it, so that it does so wherever that text is expanded."""
    same = node.layer.unchanged
    while len(node.inputs) == 1 and chained(before := graph.nodes[node.inputs[0]], node):
        if same and _within(before.layer.between, same):
            return True
        node = before
    return False
