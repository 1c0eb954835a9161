"""W315: a narrow place that everything has to pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints._walk import alone, origins
from cnndsl.lints.base import Advice, Lint


class ChannelsShrinkThenGrow(Advice):
    """A convolution has at most half of the channels of the one before it and of the one behind it.

    Why: all that the net knows has to pass there, with no join that carries it past. Channels
    usually stay or grow as the extents shrink. In an autoencoder it is what is wanted.

    Example:
        net Waist { input 32x32x3 ; conv(64, 3) -> relu -> conv(16, 3) -> relu -> conv(64, 3) -> relu }

    Instead: no fewer channels than before, or a shortcut past the narrow place
    (`add { id | … }`).
    C. Szegedy et al., Rethinking the Inception architecture for computer vision, 2016, section 2.
    """

    code: ClassVar[str] = "W315"
    name: ClassVar[str] = "channels_shrink_then_grow"
    title: ClassVar[str] = "`{path}` narrows {before} channels to {channels}, and the next layer has {after}"
    label: ClassVar[str] = "all has to pass here"
    help: ClassVar[str] = "give it {before} channels, or lead a shortcut past it"

    path: str
    before: int
    channels: int
    after: int

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        def passes(node: Node) -> bool:
            return alone(graph, node)

        found = origins(graph, lambda node: node.layer.learns and passes(node), passes)
        for node in graph.families.get("conv", ()):
            narrow = found[node.inputs[0]]
            wide = found[narrow.inputs[0]] if narrow else None
            if narrow and wide and wide.volume.rank and narrow.volume.rank:
                before, channels, after = (item.volume.channels or 0 for item in (wide, narrow, node))
                if 2 * channels <= min(before, after):
                    yield cls(narrow.site, narrow.path, before, channels, after)
