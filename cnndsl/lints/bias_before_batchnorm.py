"""W223: a bias that the normalization behind it takes away again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix, Label
from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import arrays, chained, unanimous
from cnndsl.lints.base import Lint
from cnndsl.source import Span


class BiasBeforeBatchnorm(Lint):
    """A layer adds a bias to every channel, and a normalization takes the mean of every channel away.

    Why: the mean contains the bias, so it cancels: the net computes the same whatever it is. It is
    stored and updated for nothing; the normalization has an offset of its own.

    Example:
        net Block { input 32x32x3 ; conv(64, 3, pad=1) -> batchnorm -> relu }

    Instead: `conv(64, 3, pad=1, bias=false)`. Some published nets have such biases (Keras's ResNets,
    VGG with batchnorm in torchvision): allow them where their weights are to be loaded.
    S. Ioffe and C. Szegedy, Batch normalization, 2015, section 3.2.
    """

    code: ClassVar[str] = "W223"
    name: ClassVar[str] = "bias_before_batchnorm"
    title: ClassVar[str] = "the bias of `{path}` has no effect"
    label: ClassVar[str] = "adds {count} biases"
    help: ClassVar[str] = "write bias=false"

    path: str
    count: int
    norm: str
    place: Span | None
    certain: bool

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place:
            yield Label(self.place, f"`{self.norm}` takes them away with the mean")

    def fixes(self) -> Iterable[Fix]:
        edit = self.where.edit("bias", "false")
        if edit:
            yield Fix("no bias", (edit,), safe=self.certain)

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        learned = [node for node in graph.nodes if node.layer.learns]
        needed = {node.owner for node in learned if not _cancelled(graph, node)}
        found = [node for node in learned if node.owner == node.path not in needed]
        for node in unanimous(graph, found):
            norm = graph.consumers()[node.number][0]
            for item in arrays(graph, node):
                if item.role == "bias" and item.shape == (node.volume.channels,):
                    certain = chained(node, norm)
                    yield cls(node.site, node.path, item.count, norm.path, norm.site.span, certain)


def _cancelled(graph: Graph, node: Node) -> bool:
    """Whether all that reads a node takes the mean away, of the batch that it is given."""
    readers = graph.consumers()[node.number]
    if not readers or node.number in graph.ends or node.frozen:
        return False
    return all(reader.layer.centres(node.volume) and not reader.frozen for reader in readers)
