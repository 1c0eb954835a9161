"""W220: padding that lets a window lie in it altogether."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints._walk import windows
from cnndsl.lints.base import Lint


class PadAsLargeAsKernel(Lint):
    """The padding of a convolution is so wide that its outermost outputs see nothing else.

    Why: an output whose whole window lies in the padding is the same for every image: its bias.
    Padding is useful up to D(F-1), one cell less than the window reaches.

    Example:
        net Edges { input 28x28x1 ; conv(8, 3, pad=4) -> relu }

    Instead: `pad=1` keeps the size of the image with a kernel of 3, `pad=2` makes every cell count
    as often as any other. FCN-32s pads its first layer by 100 so that the image fits whatever its
    size (J. Long, E. Shelhamer and T. Darrell, 2014), and crops the rest away: allow it there.
    """

    code: ClassVar[str] = "W220"
    name: ClassVar[str] = "pad_as_large_as_kernel"
    title: ClassVar[str] = "{which} positions of `{path}` along the {axis} see only padding"
    label: ClassVar[str] = "the window reaches over {reach}, the padding is {low} and {high}"
    help: ClassVar[str] = "pad by at most D(F - 1) = {most}: then every position sees the image"

    path: str
    axis: str
    reach: str
    low: int
    high: int
    most: int
    which: str

    def fault(self) -> str:
        return "pad"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for node, axis, window in windows(graph):
            if max(window.low, window.high) >= window.reach and window.blind:
                which = "the first" if window.output is None else f"{window.blind} of the {window.output}"
                reach = f"{window.reach} cell{'s' * (window.reach > 1)}"
                yield cls(node.site, node.path, axis, reach, window.low, window.high, window.reach - 1, which)
