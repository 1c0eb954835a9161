"""W316: numbers of channels that GPUs fill up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint

STEP = 8


class ChannelsNotMultipleOf8(Advice):
    """A layer inside the net has a number of channels that is no multiple of 8.

    Why: matrix units multiply tiles of 8 numbers and more, and what does not fill one is computed as
    if it did, or by a slower kernel. On Apple GPUs MLX's fast kernel for 3x3 filters (Winograd's)
    wants multiples of 32. It changes speed, not what the net computes.

    Example:
        net Odd { input 32x32x3 ; conv(30, 3) -> relu -> conv(64, 3) -> relu }

    Instead: the next multiple of 8, `conv(32, 3)`. The layers at an end have as many as the task
    asks for.
    NVIDIA, Deep learning performance guide: convolutional layers. A. Lavin and S. Gray, Fast
    algorithms for convolutional neural networks, 2016.
    """

    code: ClassVar[str] = "W316"
    name: ClassVar[str] = "channels_not_multiple_of_8"
    title: ClassVar[str] = "the {channels} channels of `{path}` are no multiple of 8"
    label: ClassVar[str] = "a GPU computes {filled}"
    help: ClassVar[str] = "take {filled}"

    path: str
    channels: int
    edit: Edit | None

    def fault(self) -> str:
        return next(iter(self.where.arguments), "")

    @property
    def filled(self) -> int:
        return -(-self.channels // STEP) * STEP

    def fixes(self) -> Iterable[Fix]:
        if self.edit:
            yield Fix(f"{self.filled} channels", (self.edit,))

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        inside = _inside(graph)
        for node in graph.nodes:
            channels = node.volume.channels
            if channels and channels % STEP and inside[node.number] and node.layer.learns and not node.layer.given:
                yield cls(node.site, node.path, channels, _edit(node, channels))


def _inside(graph: Graph) -> list[bool]:
    """For every node whether another learned layer comes behind it."""
    readers = graph.consumers()
    found = [False] * len(graph.nodes)
    for node in reversed(graph.nodes):
        found[node.number] = any(reader.layer.learns or found[reader.number] for reader in readers[node.number])
    return found


def _edit(node: Node, channels: int) -> Edit | None:
    """The edit of a number that is written out; what is computed is not replaced."""
    name = next(iter(node.layer.arguments))
    place = node.site.arguments.get(name)
    return Edit(place, str(-(-channels // STEP) * STEP)) if place and place.text == str(channels) else None
