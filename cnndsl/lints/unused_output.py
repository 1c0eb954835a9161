"""W201: a layer whose output nothing uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints.base import Lint


class UnusedOutput(Lint):
    """The output of a layer is neither read by another layer nor an output of the net.

    Why: it is computed (and counted, and its parameters are stored) for nothing. Often a later
    line starts from a label and so leaves the flow behind.

    Example:
        net Two { input 28x28x1 ; a: conv(8, 3) ; conv(8, 5) ; a -> relu }

    Instead: join it with what goes on (`concat { | a | … }`), declare it (`output NAME`), or
    delete it.
    """

    code: ClassVar[str] = "W201"
    name: ClassVar[str] = "unused_output"
    title: ClassVar[str] = "nothing uses the output of `{path}`"
    label: ClassVar[str] = "computes {volume} for nothing"
    help: ClassVar[str] = "join it with what goes on, declare it with `output NAME: …`, or delete it"

    path: str
    volume: str

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        ends = set(graph.outputs.values())
        readers = graph.consumers()
        for node in graph.nodes:
            if not readers[node.number] and node.number not in ends:
                yield cls(node.site, path=node.path, volume=str(node.volume))
