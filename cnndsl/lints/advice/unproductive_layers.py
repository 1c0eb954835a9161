"""W331: layers that are given what has seen the whole input already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint

if TYPE_CHECKING:
    from cnndsl.analysis.fields import Fields

#: so many layers behind the one where it happens make it worth a word
FEWEST = 2


class UnproductiveLayers(Advice):
    """Convolutions whose input has a receptive field of the whole image already, on every path.

    Why: there is nothing new around a position for them to see; such layers hardly improve the
    result, and training does not need them (M. Richter et al., Should you go deeper?, 2021). The
    smallest field of all paths counts, as a shortcut passes on what has seen less.

    Example:
        net Deep {
            input 16x16x3
            for k in [16, 32, 64] { conv(k, 3, pad=1) -> relu -> conv(k, 3, pad=1) -> relu -> maxpool(2) }
            global_avgpool -> fc(10)
        }

    Instead: leave them out, use fewer strides and pools, or a larger input.
    """

    code: ClassVar[str] = "W331"
    name: ClassVar[str] = "unproductive_layers"
    title: ClassVar[str] = "{count} layers from `{path}` on see nothing new: their input has seen the whole image"
    label: ClassVar[str] = "the receptive field of its input is {size}, the image has {extent}"
    help: ClassVar[str] = "leave them out, stride or pool less, or use an input larger than {size}"

    path: str
    count: int
    size: str
    extent: str

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        from cnndsl.analysis.fields import fields

        seen = fields(graph)
        found = [node for node in graph.nodes if _slides(graph, node) and _covered(seen[node.inputs[0]])]
        if len(found) >= FEWEST:
            (axes, *_) = seen[found[0].inputs[0]].values()
            size = "x".join(str(axis.least) for axis in axes)
            extent = "x".join(str(axis.extent) for axis in axes)
            yield cls(found[0].site, found[0].path, len(found), size, extent)


def _slides(graph: Graph, node: Node) -> bool:
    """Whether it is a learned layer whose window is larger than a cell."""
    if not node.layer.learns or len(node.inputs) != 1:
        return False
    return any(window.reach > 1 for window in graph.case(node).windows)


def _covered(inputs: Fields) -> bool:
    """Whether all that reaches a layer has seen all of every input, whatever the path."""
    return any(axes for axes, _ in inputs.held) and all(
        axis.lows and axis.extent is not None and axis.least >= axis.extent for axes, _ in inputs.held for axis in axes
    )
