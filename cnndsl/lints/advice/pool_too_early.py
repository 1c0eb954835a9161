"""W313: a pool of what no layer has looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints.base import Advice, Lint


class PoolTooEarly(Advice):
    """A pool makes the input smaller before any learned layer has seen it.

    Why: fine detail is thrown away before the net can learn whether it matters. It is the same as a
    smaller input, and a smaller input is cheaper to load.

    Example:
        net Early { input 64x64x3 ; maxpool(2) -> conv(16, 3) -> relu }

    Instead: `conv(16, 3, stride=2)`, a pool behind the first convolutions, or `input 32x32x3`.
    """

    code: ClassVar[str] = "W313"
    name: ClassVar[str] = "pool_too_early"
    title: ClassVar[str] = "`{path}` makes the input smaller before any layer learns from it"
    label: ClassVar[str] = "{before} becomes {after}"
    help: ClassVar[str] = "let a convolution see {before} first, or start from {after}"

    path: str
    before: str
    after: str

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        seen: list[bool] = []
        for node in graph.nodes:
            seen.append(node.layer.learns or any(seen[number] for number in node.inputs))
            if node.layer.family == "pool" and not seen[-1]:
                (volume,) = graph.feeds(node)
                if any(window.stride > 1 for window in graph.case(node).windows):
                    yield cls(node.site, node.path, str(volume), str(node.volume))
