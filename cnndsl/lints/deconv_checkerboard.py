"""W229: a transposed convolution that paints unevenly."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.layers.spread import Spread
from cnndsl.lints.base import Lint
from cnndsl.volume import axis_names


class DeconvCheckerboard(Lint):
    """The stride of a transposed convolution does not divide its kernel.

    Why: every input cell paints its kernel around itself, a stride apart, and where the division is
    not exact the painted squares overlap by more in some cells than in others. The outputs show it
    as a checkerboard, which training can weaken and not remove.

    Example:
        net Up { input 16x16x64 ; deconv(32, 3, stride=2, pad=1, output_pad=1) -> relu }

    Instead: a kernel that is a multiple of the stride, `deconv(32, 4, stride=2, pad=1)`, or
    `upsample(2) -> conv(32, 3, pad=1)`.
    A. Odena, V. Dumoulin and C. Olah, Deconvolution and checkerboard artifacts, 2016.
    """

    code: ClassVar[str] = "W229"
    name: ClassVar[str] = "deconv_checkerboard"
    visits: ClassVar[tuple[str, ...]] = ("conv",)
    title: ClassVar[str] = "`{path}` paints a checkerboard: along the {axis} a cell is painted {least} or {most} times"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "take {instead}, or `upsample({stride})` and a convolution"

    path: str
    axis: str
    why: str
    stride: int
    least: int
    most: int
    instead: str

    def fault(self) -> str:
        return "kernel"

    @classmethod
    def visit(cls, graph: Graph, node: Node) -> Iterable[Lint]:
        (volume,) = graph.feeds(node)
        for axis, spread in zip(axis_names(volume.rank), node.layer.spreads(volume)):
            least, most = _painted(spread)
            if least < most and spread.extent != 1:
                why, instead = _words(spread)
                yield cls(node.site, node.path, axis, why, spread.stride, least, most, instead)
                break


def _words(spread: Spread) -> tuple[str, str]:
    """What is uneven, and what would be even."""
    stride, dilation = spread.stride, spread.dilation
    if gcd(stride, dilation) > 1:
        return f"cells {dilation} apart, every {stride} cells", f"a dilation that shares no divisor with {stride}"
    return (
        f"the stride of {stride} does not divide {spread.kernel}",
        f"a kernel of {-(-spread.kernel // stride) * stride}",
    )


def _painted(spread: Spread) -> tuple[int, int]:
    """How many kernels lie on a cell, at least and at most, away from the border."""
    together = gcd(spread.stride, spread.dilation)  # only every so many cells are reached at all
    reached = spread.stride // together
    return (0 if together > 1 else spread.kernel // reached), -(-spread.kernel // reached)
