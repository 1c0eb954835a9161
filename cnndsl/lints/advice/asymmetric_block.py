"""W317: a kernel that sees along one axis, and none for the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint


class AsymmetricBlock(Advice):
    """A kernel of AxB stands alone in its block: no BxA looks along the other axis.

    Looked at are convolutions on images as high as they are wide; the partner may stand before it,
    behind it or in another branch of the same block (of the net, outside of blocks; a block of one
    convolution is a part of the block around it).

    Why: 1x7 and 7x1 behind each other see as much as 7x7 for fewer weights; one alone sees a line,
    and what is turned by a quarter is seen by other rules.

    Example:
        net Lines { input 32x32x3 ; conv(16, 1x7, pad=(0, 3)) -> relu }

    Instead: both, `conv(16, 1x7, pad=(0, 3)) -> relu -> conv(16, 7x1, pad=(3, 0)) -> relu`. Where the
    axes mean different things (time and frequency) one alone is right.
    C. Szegedy et al., Rethinking the Inception architecture for computer vision, 2016, section 3.2.
    """

    code: ClassVar[str] = "W317"
    name: ClassVar[str] = "asymmetric_block"
    title: ClassVar[str] = "the kernel {high}x{wide} of `{path}` has no {wide}x{high} beside it"
    label: ClassVar[str] = "sees {high}x{wide} cells"
    help: ClassVar[str] = "put a {wide}x{high} behind it, or use a square kernel"

    path: str
    high: int
    wide: int

    def fault(self) -> str:
        return "kernel"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        uneven = [(node, kernel) for node in graph.families.get("conv", ()) if (kernel := _uneven(graph, node))]
        sizes = Counter(path for node in graph.families.get("conv", ()) for path in node.scopes)
        there = {(_block(graph, node, sizes), kernel) for node, kernel in uneven}
        for node, (high, wide) in uneven:
            if (_block(graph, node, sizes), (wide, high)) not in there:
                yield cls(node.site, node.path, high, wide)


def _uneven(graph: Graph, node: Node) -> tuple[int, int] | None:
    """The kernel of a convolution on a square image, if it is not square."""
    windows = graph.case(node).windows
    if len(windows) != 2 or windows[0].extent != windows[1].extent or windows[0].kernel == windows[1].kernel:
        return None
    return windows[0].kernel, windows[1].kernel


def _block(graph: Graph, node: Node, sizes: Mapping[str, int]) -> str:
    """The innermost block that a node is in with another convolution, by its path; "" for the net itself."""
    return next((path for path in reversed(node.scopes) if graph.scopes[path].kind != "label" and sizes[path] > 1), "")
