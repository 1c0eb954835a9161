"""The layers of a net as the page shows them: counts, steps of their derivations, fields, windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnndsl.analysis.amounts import numbers, sizes
from cnndsl.analysis.connections import pairs, uses, written
from cnndsl.analysis.cost import Cost, LayerCost
from cnndsl.analysis.derivation import Derivation, derivations
from cnndsl.analysis.field import AxisField
from cnndsl.analysis.receptive_field import ReceptiveField, receptive_field
from cnndsl.graph import Graph, Node
from cnndsl.layers.derive import Step, shown
from cnndsl.layers.spread import Spread
from cnndsl.layers.window import Window
from cnndsl.render.summary import call
from cnndsl.report.table import Once, packed
from cnndsl.report.wires import wires
from cnndsl.volume import StillOpen

#: pairs are not counted along an axis with more cells than this: it takes as long as the axis
LONGEST = 4096
#: a field that repeats after more positions than this is told in words only
PHASES = 64


class Layers:
    """Writes the layers of a graph; `words`, `steps`, `axes` and `wires` hold what several have in common."""

    def __init__(self, graph: Graph, found: Cost) -> None:
        self.graph = graph
        self.cost = found
        self.words = Once()
        self.words.number("")  # 0, which stands for nothing
        self.steps = Once()
        self.axes = Once()
        self.wires = Once()
        self.wires.number(())

    def columns(self) -> dict[str, Any]:
        """What there is to say of the layers, by its name, in order of execution: 0 for nothing, null if it is open.

        A column in which values come again is packed; one in which there is nothing is left out.
        """
        told = zip(self.graph, self.cost.layers, receptive_field(self.graph), derivations(self.graph), strict=True)
        rows = [self.row(*each) for each in told]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = ((name, [_short(row.get(name, 0)) for row in rows]) for name in names)
        return {name: packed(values) for name, values in columns if any(value != 0 for value in values)}

    def row(self, node: Node, counts: LayerCost, seen: ReceptiveField, told: Derivation) -> dict[str, Any]:
        return {
            "path": node.path,
            "call": call(counts),
            "family": node.layer.family,
            "from": list(node.inputs),
            "out": list(node.volume.extents),
            "equation": self.words.number(told.equation),
            "steps": [self.step(step) for step in told.steps],
            **{name: getattr(counts, name) for name in ("params", "macs", "unshared", "connections", "connected")},
            "activations": counts.output.elements,
            "shares": node.owner if node.owner != node.path else "",
            "frozen": node.frozen,
            "field": "; ".join(sizes(axes) for axes in seen.inputs.values()),
            "jump": "; ".join(filter(None, (numbers(axis.jump for axis in axes) for axes in seen.inputs.values()))),
            "sees": {name: [self.axis(axis) for axis in axes] for name, axes in seen.inputs.items()},
            "stored": node.layer.stored,
            **self.slides(node),
            **self.joins(node),
            **self.wired(node),
        }

    def step(self, step: Step) -> int:
        """A line of a derivation: its name and letters by their numbers, then numbers and result, unless empty."""
        result = "" if step.result is None else shown(step.result)
        parts = [self.words.number(step.name), self.words.number(step.letters), step.numbers, result]
        while parts[-1] == "":
            parts.pop()
        return self.steps.number(tuple(parts))

    def joins(self, node: Node) -> dict[str, Any]:
        """How often it uses a weight, and the pairs of a cell and a position that it connects, of all."""
        layer, feeds = node.layer, self.graph.feeds(node)
        longest = max((extent or 0 for feed in feeds for extent in feed.spatial), default=0)
        if not (layer.learns or layer.gathers) or longest > LONGEST:
            return {}
        try:
            often, found = uses(self.graph, node), pairs(self.graph, node)
        except StillOpen:
            return {}
        density = [[feed, joined, total] for feed, (_, joined, total) in zip(node.inputs, found)]
        return {"uses": "" if often is None else written(often), "density": density}

    def wired(self, node: Node) -> dict[str, Any]:
        """What feeds its first units, unless a window or what it paints says it."""
        feeds = self.graph.feeds(node)
        slides = len(feeds) == 1 and (node.layer.windows(*feeds) or node.layer.spreads(*feeds))
        return {} if slides else {"wires": self.wires.number(wires(self.graph, node))}

    def axis(self, axis: AxisField) -> int:
        """Position o of the output axis `along` sees the cells lows[o % n] + o // n * shift to highs[…] + …."""
        local = axis.lows if len(axis.lows) <= PHASES else ()
        return self.axes.number((axis.extent, axis.along, axis.whole, axis.shift, local, axis.highs if local else ()))

    def slides(self, node: Node) -> dict[str, Any]:
        """The window of a layer, or what it paints, on each axis; and what it makes of the cells."""
        if len(node.inputs) != 1:
            return {}
        (feed,) = self.graph.feeds(node)
        layer = node.layer
        windows = [_window(each) for each in layer.windows(feed)]
        paints = [_spread(each) for each in layer.spreads(feed)]
        return {
            "windows": windows,
            "paints": paints,
            "apart": bool(windows) and layer.sized,
            "gathers": layer.gathers if windows else "",
            "biased": any(array.role == "bias" for array in _arrays(node, self.graph)),
            "groups": getattr(layer, "groups", 0) if layer.learns else 0,
        }


def _arrays(node: Node, graph: Graph) -> Sequence[Any]:
    try:
        return graph.uses(node)
    except StillOpen:
        return ()


def _window(window: Window) -> list[int | None]:
    return [
        window.extent, window.output, window.kernel, window.stride, window.low, window.high, window.dilation,
        window.overhang,
    ]  # fmt: skip


def _spread(spread: Spread) -> list[int | None]:
    return [spread.extent, spread.output, spread.kernel, spread.stride, spread.low, spread.high, spread.dilation]


def _short(value: Any) -> Any:
    return 0 if value is not None and not value else int(value) if isinstance(value, bool) else value
