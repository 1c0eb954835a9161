"""W330: no position sees the whole input before the positions are taken together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint
from cnndsl.volume import StillOpen, axis_names


class InputNeverCovered(Advice):
    """Where the positions of an image are pooled or flattened, none of them has seen the whole input.

    Why: what is larger than the receptive field is never looked at as one thing. A global pool only
    averages parts; after `flatten`, one fully connected layer has to do what is left.

    Example:
        net Near { input 64x64x3 ; conv(16, 3) -> relu -> maxpool(2) -> conv(16, 3) -> relu ; global_avgpool -> fc(10) }

    Instead: more layers, a stride or a pool early on, dilation, or a smaller input.
    `cnnc rf` shows how the field grows.
    """

    code: ClassVar[str] = "W330"
    name: ClassVar[str] = "input_never_covered"
    title: ClassVar[str] = "no position before `{path}` sees more than {size} of the {extent} cells of the {axis}"
    label: ClassVar[str] = "takes together positions that each see {size} of {extent}"
    help: ClassVar[str] = "stride or pool earlier, dilate, add layers, or use an input of up to {size}"

    path: str
    axis: str
    size: int
    extent: int

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        ends = list(_ends(graph))
        if not ends:
            return
        from cnndsl.analysis.fields import fields

        seen = fields(graph)
        for node in ends:
            for name, axes in seen[node.inputs[0]].items():
                names = axis_names(graph.nodes[graph.inputs[name]].volume.rank)
                short = ((label, axis) for label, axis in zip(names, axes) if axis.local and not axis.whole)
                for label, axis in short:
                    if axis.extent is not None and (axis.local or 0) < axis.extent:
                        yield cls(node.site, node.path, label, axis.local or 0, axis.extent)
                        break


def _ends(graph: Graph) -> Iterable[Node]:
    """The layers that take all positions of an image together, behind which there are no positions any more."""
    spatial = [False] * len(graph.nodes)
    for node in reversed(graph.nodes):
        if any((extent or 2) > 1 for extent in node.volume.spatial):
            spatial[node.number] = True
        for number in node.inputs:
            spatial[number] = spatial[number] or spatial[node.number]
    for node in graph.nodes:
        if len(node.inputs) == 1 and not spatial[node.number]:
            (volume,) = graph.feeds(node)
            try:
                (sight,) = graph.case(node).sights
            except StillOpen:
                continue
            if volume.rank and all(link is None for link in sight.links):
                yield node
