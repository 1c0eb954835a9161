"""W228: groups of channels that never meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Lint


class GroupsCutEveryPath(Lint):
    """Grouped convolutions keep the channels apart from the input to an output.

    Why: a filter of a grouped convolution sees the channels of its group alone. If every layer has
    the same groups the net is several nets side by side, each of which sees only a part of the
    input's channels: an output never learns what the others show.

    Example:
        net Apart { input 32x32x4 ; { conv(64, 3, pad=1, groups=4) -> relu } * 2 }

    Instead: `channel_shuffle(4)` between two grouped convolutions, or a `conv(64, 1)`, which mixes
    all channels.
    X. Zhang et al., ShuffleNet, 2017.
    """

    code: ClassVar[str] = "W228"
    name: ClassVar[str] = "groups_cut_every_path"
    title: ClassVar[str] = "the {groups} groups of channels never meet, from the input to the end of `{path}`"
    label: ClassVar[str] = "the last of {layers} grouped layers in a row"
    help: ClassVar[str] = "put `channel_shuffle({groups})` between two of them, or a 1x1 convolution, which mixes"

    path: str
    groups: int
    layers: int

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found: list[_Apart] = []
        for node in graph.nodes:
            found.append(_behind(graph, node, [found[number] for number in node.inputs]))
        for number in graph.outputs.values():
            groups, layers, last = found[number]
            if groups > 1 and layers > 1 and last:
                yield cls(last.site, last.path, groups, layers)


#: how many groups of an input's channels are still apart, behind how many grouped layers, and the last of those
_Apart = tuple[int, int, Node | None]


def _behind(graph: Graph, node: Node, before: list[_Apart]) -> _Apart:
    if not before:
        return node.volume.channels or 1, 0, None
    widths = {volume.channels for volume in graph.feeds(node)}
    groups = node.layer.apart(*(groups for groups, _, _ in before)) if len(widths) == 1 else 1
    if groups == 1:
        return 1, 0, None
    _, layers, last = max(before, key=lambda item: item[1])
    return (groups, layers + 1, node) if node.layer.learns and not node.layer.given else (groups, layers, last)
