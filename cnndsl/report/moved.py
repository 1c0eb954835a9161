"""Whether the layers of a net go along with a moved image, and how little they change with it, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.diagnostic import CnnError
from cnndsl.report.budget import runs, spread
from cnndsl.report.pixels import number
from cnndsl.visualize import equivariance, invariance

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.graph import Graph, Node
    from cnndsl.train.model import Model

#: layers that are measured, and images by which
LAYERS, IMAGES = 8, 8
#: what is tried: a convolution goes along with shifts, and with nothing else
TRIED: dict[str, tuple[float, ...]] = {"shift": (1, 2, 4), "rotate": (15, 90), "zoom": (1.25,)}
#: runs of the images that a layer takes: for each amount and unchanged, and once more for a pool and what it reads
RUNS = sum(len(amounts) + 1 for amounts in TRIED.values()) + 2 * (len(TRIED["shift"]) + 1)


def layers(graph: Graph) -> list[Node]:
    """The convolutions and pools that give maps."""
    return [node for node in graph if node.layer.stored and node.inputs and node.volume.rank == 2]


def moved(model: Model, x: Array) -> dict[int, dict[str, Any]]:
    """By a layer's number, how far f(Tx) is off T f(x) and off f(x), for some transforms T.

    `rows` are [transform, amount, unit, inside, with the border, change]; a pool also has `reads`, the layer before
    it, and `before`, that layer's change by each shift. Fewer layers, then fewer images of larger nets.
    """
    allowed = runs(model.net.graph) // RUNS
    chosen = spread(layers(model.net.graph), min(LAYERS, allowed))
    given = x[: min(IMAGES, allowed // max(len(chosen), 1))]
    found = ((node.number, _measured(model, node, given)) for node in chosen)
    return {place: each for place, each in found if each}


def _measured(model: Model, node: Node, x: Array) -> dict[str, Any]:
    rows = []
    try:
        for kind, amounts in TRIED.items():
            result = equivariance(model, x, node.path, kind, amounts)
            for each in result.compared:
                parts = (each.inner, each.whole, each.change)
                rows.append([kind, each.amount, result.transform.unit, *map(number, parts)])
    except CnnError:  # it has no place in the image
        return {}
    return {"images": len(x), "rows": rows, **(_pooled(model, node, x) if node.layer.family == "pool" else {})}


def _pooled(model: Model, node: Node, x: Array) -> dict[str, Any]:
    found = invariance(model, x, node.path, "shift", TRIED["shift"])
    return {"reads": found.paths[0], "before": [number(change) for change in found.changes[0].tolist()]}
