"""W222: a kernel with cells that never meet the image."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.layers.window import Window
from cnndsl.lints._walk import windows
from cnndsl.lints.base import Lint


class KernelCoversAllThatIsLeft(Lint):
    """A kernel is so large beside what is left of the image that some of its cells only meet padding.

    Why: the weights of those cells are multiplied by 0 at every position, and no gradient reaches
    them: they are parameters that do nothing. It is what happens to a net made for larger images.

    Example:
        net Deep { input 4x4x3 ; maxpool(4) -> conv(64, 3, pad=1) -> relu }

    Instead: a kernel that fits what is left (`conv(64, 1)` on 1x1), a larger input, or fewer
    strides and pools before it.
    """

    code: ClassVar[str] = "W222"
    name: ClassVar[str] = "kernel_covers_all_that_is_left"
    title: ClassVar[str] = "{idle} of the {cells} cells of the kernel of `{path}` only ever meet padding"
    label: ClassVar[str] = "a kernel of {kernel} on {volume}"
    note: ClassVar[str] = "their weights are multiplied by 0 at every position: no gradient reaches them"
    help: ClassVar[str] = "a kernel of {fitting} sees the same; or start from a larger image, or stride and pool less"

    path: str
    kernel: str
    volume: str
    cells: int
    idle: int
    fitting: str

    def fault(self) -> str:
        return "kernel"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        found: dict[int, list[Window]] = {}
        for node, _, window in windows(graph):
            found.setdefault(node.number, []).append(window)
        for number, sides in found.items():
            cells = prod(window.kernel for window in sides)
            idle = cells - prod(window.kernel - window.idle for window in sides)
            if idle:
                node = graph.nodes[number]
                kernel = "x".join(str(window.kernel) for window in sides)
                fitting = "x".join(str(window.kernel - window.idle) for window in sides)
                yield cls(node.site, node.path, kernel, str(graph.feeds(node)[0]), cells, idle, fitting)
