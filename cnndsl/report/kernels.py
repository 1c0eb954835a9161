"""The weights of a trained layer as numbers, for the step-by-step view: a few filters, a few channels of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.report.pixels import text

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.graph import Graph, Node

#: filters of a layer, and channels of each, that can be stepped through
FILTERS, DEPTH = 8, 3


def slid(graph: Graph, node: Node, arrays: Mapping[str, Array]) -> Array | None:
    """The weights (filters, *kernel, channels) that a layer slides over its input or paints, None if it has none.

    Weights of another form are no filters that are the same everywhere: those of `local`, a connection table.
    """
    weight = arrays.get(f"{node.owner}.weight")
    if weight is None or len(node.inputs) != 1:
        return None
    (feed,) = graph.feeds(node)
    windows, spreads = node.layer.windows(feed), node.layer.spreads(feed)
    sizes = (*(window.kernel for window in windows), *(spread.kernel for spread in spreads))
    whole = sizes and weight.ndim == len(sizes) + 2 and weight.shape[1:-1] == sizes
    return weight if whole and weight.shape[0] == node.volume.channels else None


def kernels(graph: Graph, arrays: Mapping[str, Array]) -> Iterator[tuple[int, dict[str, Any]]]:
    """For each such layer [filters, height, width, channels] and the numbers, float32, on the axes that are drawn."""
    for node in graph:
        weight = slid(graph, node, arrays)
        if weight is None:
            continue
        shown = flat(weight)[:FILTERS, :, :, :DEPTH]
        bias = arrays.get(f"{node.owner}.bias")
        offsets = np.zeros(len(shown)) if bias is None or bias.ndim != 1 else bias[: len(shown)]
        numbers = {"numbers": text(shown.astype("<f4")), "bias": text(offsets.astype("<f4"))}
        yield node.number, {"shape": shown.shape, "of": weight.shape[0], **numbers}


def flat(weight: Array) -> Array:
    """Filters on two axes: one row for those of a series, the middle layer for those of a clip."""
    if weight.ndim == 3:
        return weight[:, None]
    return weight[:, weight.shape[1] // 2] if weight.ndim == 5 else weight
