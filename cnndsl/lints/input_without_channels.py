"""W202: an input of two extents that looks like an image without channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Edit, Fix
from cnndsl.graph import Graph
from cnndsl.lints.base import Lint

#: a series of this many channels or more, nearly as many as it is long, is more likely an image
FEWEST = 16


class InputWithoutChannels(Lint):
    """`input 28x28` is a series of length 28 with 28 channels, not an image of 28 by 28.

    Why: the last extent is always the channels, so a convolution slides along one axis only.

    Example:
        net Digits { input 28x28 ; conv(6, 5) }

    Instead: `input 28x28x1` for an image with one channel. A series that really has as many
    channels as steps can be kept by giving it a label (`input steps: 28x28`).
    """

    code: ClassVar[str] = "W202"
    name: ClassVar[str] = "input_without_channels"
    title: ClassVar[str] = "`input {size}` is a series of length {length} with {channels} channels"
    label: ClassVar[str] = "an image is height x width x channels"
    help: ClassVar[str] = "write {size}x1 if you mean an image; label the input if you mean a series"

    size: str
    length: int
    channels: int

    def fixes(self) -> Iterable[Fix]:
        span = self.where.span
        at = span.text.find(self.size) if span else -1
        if span and at >= 0:
            end = span.start + at + len(self.size)
            place = span.replace(start=end, end=end)
            yield Fix(f"an image: {self.size}x1", (Edit(place, "x1"),))

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for name, number in graph.inputs.items():
            node = graph.nodes[number]
            extents = node.volume.extents
            if len(extents) != 2 or None in extents or name != "input":
                continue
            length, channels = node.volume.shape
            if channels >= FEWEST and 2 * min(length, channels) > max(length, channels):
                yield cls(node.site, size=str(node.volume), length=length, channels=channels)
