"""What maxima have learned to answer alike: a unit beside the detectors that it takes the largest of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.report.budget import runs, spread
from cnndsl.report.pixels import number
from cnndsl.visualize import responses
from cnndsl.visualize.unit import Unit

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.graph import Graph, Node
    from cnndsl.train.model import Model

#: layers, units of each and images that are looked at, and by how many degrees these are turned
LAYERS, UNITS, IMAGES = 4, 4, 8
ANGLES = (-45.0, -30.0, -15.0, 0.0, 15.0, 30.0, 45.0)


def layers(graph: Graph) -> list[Node]:
    """Those whose units are maxima of detectors: `maxout`, and `maximum` of branches."""
    return [node for node in graph if node.layer.detectors(0, *graph.feeds(node))]


def maxima(model: Model, x: Array) -> dict[int, list[list[list[Any]]]]:
    """By a layer's number, for each of its first units [name, part]: of itself, then of each of its detectors.

    The part is the least mean answer to turned images over the largest: 1 does not change with the angle at all.
    Fewer layers, then fewer images of larger nets.
    """
    allowed = runs(model.net.graph) // (len(ANGLES) * UNITS * 4)
    chosen = spread(layers(model.net.graph), min(LAYERS, allowed))
    given = x[: min(IMAGES, allowed // max(len(chosen), 1))]
    return {node.number: [_kept(model, given, unit) for unit in _units(node)] for node in chosen}


def _units(node: Node) -> list[Unit]:
    return [Unit(node.path, channel) for channel in range(min(UNITS, node.volume.shape[-1]))]


def _kept(model: Model, x: Array, wanted: Unit) -> list[list[Any]]:
    found = responses(model, x, wanted, "rotate", ANGLES)
    return [[str(each), number(part)] for each, part in zip((found.unit, *found.detectors), found.kept, strict=True)]
