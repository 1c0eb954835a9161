"""W320: `same` around a kernel that has no middle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints._walk import windows
from cnndsl.lints.base import Advice, Lint


class EvenKernelWithSame(Advice):
    """A kernel of even width with `pad=same` and a stride of 1 moves the image by half a cell.

    Why: such a kernel has no cell in the middle, so one more cell of padding goes to the end, and
    what an output shows lies half a cell before it. Layer upon layer it adds up, and a branch with
    odd kernels beside it is no longer in line.

    Example:
        net Even { input 32x32x3 ; conv(16, 4, pad=same) -> relu }

    Instead: an odd kernel. Published nets have even ones (kernels of 8 on series, Z. Wang et al.,
    2017), so it is advice and no warning.
    """

    code: ClassVar[str] = "W320"
    name: ClassVar[str] = "even_kernel_with_same"
    title: ClassVar[str] = "`{path}` moves its input by half a cell along the {axis}"
    label: ClassVar[str] = "{reach} cells have no middle: {low} of padding before, {high} behind"
    help: ClassVar[str] = "a kernel of {less} or {more} has a middle"

    path: str
    axis: str
    reach: int
    kernel: int
    low: int
    high: int

    @property
    def less(self) -> int:
        return self.kernel - 1

    @property
    def more(self) -> int:
        return self.kernel + 1

    def fault(self) -> str:
        return "kernel"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for node, axis, window in windows(graph):
            if window.stride == 1 and window.high - window.low == 1 and getattr(node.layer, "pad", 0) == "same":
                yield cls(node.site, node.path, axis, window.reach, window.kernel, window.low, window.high)
