"""W203: rows and columns at a border that no window reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.analysis.coverage import Unread, unread
from cnndsl.diagnostic import Fix
from cnndsl.errors.repairs import Repair, fixes
from cnndsl.graph import Graph, Node
from cnndsl.layers.masks import runs
from cnndsl.layers.window import Window
from cnndsl.lints.base import Lint
from cnndsl.volume import Volume, axis_names


class CellsNeverRead(Lint):
    """Windows do not come out even with their input, and cells at its border are read by none of them.

    Why: (W - F + 2P)/S is rounded down; what the last window does not reach is computed, and
    thrown away. Padding that is not read is no loss, nor is a cell that another branch reads.

    Example:
        net Odd { input 27x27x3 ; conv(8, 3, pad=1) -> relu ; maxpool(2) ; conv(8, 3) -> relu }

    Instead: an input or padding with which the division comes out even, or `ceil=true` at a pool,
    whose last window then hangs over the end. A crop that is meant is written as `crop`.
    """

    code: ClassVar[str] = "W203"
    name: ClassVar[str] = "cells_never_read"
    title: ClassVar[str] = "`{path}` never reads {what} of its input"
    label: ClassVar[str] = "{count:,} of the {total:,} cells of {volume} are read by nothing"

    path: str
    what: str
    count: int
    total: int
    volume: Volume
    windows: tuple[Window, ...] = ()
    ceiling: bool = False

    def notes(self) -> Iterable[str]:
        told = set()
        for name, window in zip(axis_names(self.volume.rank), self.windows):
            if window.unread and window not in told:
                told.add(window)
                yield f"{name}: {window.formula}"

    def repairs(self) -> list[Repair]:
        """`ceil=true` where it reads every cell."""
        rounded = [window.replace(ceil=True) for window in self.windows]
        if self.ceiling and rounded and not any(window.unread for window in rounded):
            return [Repair("ceil", "true", "let the last window hang over the end", 0)]
        return []

    def helps(self) -> Iterable[str]:
        sizes = [str(_shorter(window)) for window in self.windows]
        repairs = [f"`{repair}`" for repair in self.repairs()]
        if sizes:
            yield f"{''.join(f'{repair}, or ' for repair in repairs)}an input of {'x'.join(sizes)} loses nothing here"
        else:
            yield "read the whole volume, or write a `crop` if the border is not wanted"

    def fixes(self) -> Iterable[Fix]:
        return fixes(self.where, self.repairs())

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for found in unread(graph):
            at_border = tuple(0 if inner else mask for mask, inner in zip(found.border, found.skipped, strict=True))
            if any(at_border) and not found.reader.layer.discards:
                yield cls._of(graph, found, at_border)

    @classmethod
    def _of(cls, graph: Graph, found: Unread, border: tuple[int, ...]) -> Lint:
        layer = found.reader.layer
        windows = layer.windows(found.volume) if len(found.reader.inputs) == 1 else ()
        axes = zip(axis_names(found.volume.rank), border, strict=True)
        what = _listed([_ends(name, mask) for name, mask in axes if mask])
        ceiling = "ceil" in layer.arguments and not _meets_others(graph, found.reader)
        return cls(found.reader.site, found.reader.path, what, found.count, found.total, found.volume, windows, ceiling)


def _meets_others(graph: Graph, node: Node) -> bool:
    """Whether what comes of a layer is joined with what does not: then another size would not fit."""
    behind = {node.number}
    for later in graph.nodes[node.number + 1 :]:
        own = [number in behind for number in later.inputs]
        if any(own):
            behind.add(later.number)
        if any(own) and not all(own):
            return True
    return False


def _listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _ends(axis: str, mask: int) -> str:
    """`the last row`, `the first 2 and the last 3 columns`."""
    noun = {"height": "row", "width": "column"}.get(axis, f"cell of the {axis}")
    ends = []
    for first, last in runs(mask):
        count = last - first + 1
        which = "first" if first == 0 else "last"
        ends.append(f"the {which}" if count == 1 else f"the {which} {count}")
    plural = mask.bit_count() > 1
    nouns = noun.replace("row", "rows").replace("column", "columns").replace("cell ", "cells ") if plural else noun
    return f"{' and '.join(ends)} {nouns}"


def _shorter(window: Window) -> int:
    """The largest extent up to the window's own of which every cell is read."""
    assert window.extent is not None
    return window.extent - window.unread
