"""Filters: the weights of any layer as small images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.analysis.paths import layer_at
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.visualize import NoFilters
from cnndsl.graph import Graph, Node
from cnndsl.visualize.canvas import Tile, block, sheet
from cnndsl.visualize.colours import around_grey, grey
from cnndsl.visualize.result import Result

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

#: filters that a picture shows, and of deeper ones the channels of each
SHOWN, CHANNELS, SIDE = 64, 16, 32


class Filters(Result):
    """The filters of a layer, `weights` (K, height, width, C): number, extent, channels of what it reads.

    On three channels, those of a colour image, a filter is a colour image itself; deeper ones are a row each, one
    tile a channel. 0 is middle grey, and all filters of a layer share one scale. A vector's weights
    are shown as the volume that was flattened, a series' as one row, a clip's slices as further channels.
    """

    path: str
    weights: Array

    @property
    def coloured(self) -> bool:
        return bool(self.weights.shape[-1] == 3)

    @property
    def most(self) -> float:
        """The largest magnitude: what the brightest or the darkest pixel stands for."""
        return float(abs(self.weights).max())

    @property
    def pixels(self) -> Array:
        """The same shape as bytes: 128 + 127 w / most."""
        return around_grey(self.weights)

    def png(self) -> bytes:
        pixels = self.pixels[:SHOWN]
        if self.coloured:
            return block([Tile(filter) for filter in pixels], side=48).png()
        if pixels.shape[-1] == 1:
            return block([Tile(grey(filter[..., 0])) for filter in pixels], side=48).png()
        shown = range(min(CHANNELS, pixels.shape[-1]))
        return sheet([[Tile(grey(filter[..., c])) for c in shown] for filter in pixels], side=SIDE).png()

    def lines(self) -> tuple[str, ...]:
        count, height, width, channels = self.weights.shape
        shown = min(count, SHOWN)
        part = "" if shown == count else f", {shown} of them shown"
        kind = "" if channels == 1 or self.coloured else f", {min(CHANNELS, channels)} of {channels} channels each"
        return (f"{self.path}: {count} filters of {height}x{width}x{channels}{part}{kind}; white is {self.most:.4g}",)

    def to_dict(self) -> dict[str, Any]:
        return {"path": self.path, "shape": list(self.weights.shape), "most": self.most}


def filters(model: Reuse, path: str) -> Filters:
    """The filters of a layer. Raises CnnError: E063 (no such layer), E573 (it has no filters)."""
    graph, arrays = model.net.graph, model.engine.arrays()
    found = _shaped(graph, layer_at(graph, path), arrays)
    if found is None:
        having = tuple(node.path for node in graph if _shaped(graph, node, arrays) is not None)
        raise NoFilters(NOWHERE, path, having).error()
    return Filters(path, found)


def _shaped(graph: Graph, node: Node, arrays: dict[str, Array]) -> Array | None:
    """The weights of a layer as (K, H, W, C), or None."""
    weights = arrays.get(f"{node.owner}.weight")
    if weights is None or weights.ndim < 2:
        return None
    rank = len(node.layer.windows(*graph.feeds(node))) if node.inputs else 0
    if weights.ndim == 2 and not rank:
        return weights.reshape(len(weights), *_read(graph, node))
    if weights.ndim == rank + 1:  # one kernel for each connection of a table
        weights = weights[..., None]
    if weights.ndim != rank + 2 or not 1 <= rank <= 3:
        return None
    if rank == 1:
        return weights[:, None]
    if rank == 2:
        return weights
    count, depth, height, width, channels = weights.shape
    return weights.transpose(0, 2, 3, 1, 4).reshape(count, height, width, depth * channels)


def _read(graph: Graph, node: Node) -> tuple[int, int, int]:
    """The volume (H, W, C) that a vector's layer reads: what was flattened if that has two spatial axes."""
    feed = graph.nodes[node.inputs[0]]
    while feed.volume.rank == 0 and len(feed.inputs) == 1 and feed.layer.family == "shape":
        feed = graph.nodes[feed.inputs[0]]
    shape = feed.volume.shape
    size = graph.nodes[node.inputs[0]].volume.elements
    if feed.volume.rank == 2 and feed.volume.elements == size:
        return shape[0], shape[1], shape[2]
    return 1, int(size or 0), 1
