"""W205: windows so far apart that cells between them are never read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.analysis.coverage import unread
from cnndsl.graph import Graph
from cnndsl.layers.masks import cells
from cnndsl.lints.base import Lint
from cnndsl.volume import Volume, axis_names

#: how many of the places that are lost are named
FEW = 4


class StrideLargerThanKernel(Lint):
    """The stride is larger than what the kernel covers, so the cells between two windows are never read.

    Why: they are computed and thrown away: a 1x1 kernel with a stride of 2 uses a quarter of an
    image. It is no loss where another branch reads them, as beside a residual shortcut.

    Example:
        net Sparse { input 32x32x3 ; conv(8, 3, pad=1) -> relu ; conv(16, 1, stride=2) -> relu }

    Instead: a kernel at least as large as the stride, or a pool before a 1x1 convolution with
    stride 1: `avgpool(2) -> conv(16, 1)` (T. He et al., Bag of tricks for image classification, 2018).
    """

    code: ClassVar[str] = "W205"
    name: ClassVar[str] = "stride_larger_than_kernel"
    title: ClassVar[str] = "`{path}` skips cells of its input that nothing else reads"
    label: ClassVar[str] = "{count:,} of the {total:,} cells of {volume} are never read"
    note: ClassVar[str] = "never read: {places}"
    help: ClassVar[str] = "use a stride that the kernel covers, or pool before it (`avgpool`) and use stride 1"

    path: str
    count: int
    total: int
    volume: Volume
    places: str

    def fault(self) -> str:
        return "stride"

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for found in unread(graph):
            if any(found.skipped) or not any(found.border):
                names = axis_names(found.volume.rank)
                axes = zip(names, found.border, found.skipped, strict=True)
                places = "; ".join(_named(name, border | inner) for name, border, inner in axes if inner)
                shown = places or "cells within rows and columns that are read elsewhere"
                yield cls(found.reader.site, found.reader.path, found.count, found.total, found.volume, shown)


def _named(axis: str, mask: int) -> str:
    """`height 1, 3, 5, 7, … (16 of them)`."""
    found = [str(cell) for _, cell in zip(range(FEW), cells(mask))]
    count = mask.bit_count()
    return f"{axis} {', '.join(found)}" + (f", … ({count} of them)" if count > FEW else "")
