"""What the units of a few layers answer most: patches of the data, and inputs made for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.report.budget import runs, spread
from cnndsl.report.pixels import image, number
from cnndsl.visualize import maximize, top

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.graph import Node
    from cnndsl.train.model import Model

#: layers that are looked into, units of each, and patches of each unit
LAYERS, UNITS, COUNT = 4, 4, 3
#: examples that are looked through, and how few are still worth it
EXAMPLES, ENOUGH = 500, 50
#: steps of a climb, and runs through the net that one takes, forth and back
STEPS, RUNS = 32, 3
#: classes for which inputs are made
CLASSES = 10


def best(model: Model, nodes: Sequence[Node], x: Array) -> dict[int, dict[str, Any]]:
    """By a layer's number, for each of its first units the patches of the examples that it answers most.

    None of a net that is too large to look through at least 50 examples.
    """
    allowed = runs(model.net.graph)
    chosen = spread(nodes, min(LAYERS, allowed // ENOUGH))
    seen = x[: min(EXAMPLES, allowed // max(len(chosen), 1))]
    return {node.number: _patches(model, node, seen) for node in chosen}


def _patches(model: Model, node: Node, x: Array) -> dict[str, Any]:
    found = top(model, x, node.path, COUNT, most=UNITS)
    units = [
        [{**image(each.patch), "value": number(each.value), "example": each.number} for each in patches]
        for patches in found.best
    ]
    return {"examples": found.examples, "units": units}


def sought(model: Model, nodes: Sequence[Node]) -> dict[int, list[dict[str, Any]]]:
    """By a layer's number, for each of its first units an input that was made to activate it, of small nets alone."""
    allowed = runs(model.net.graph) // (RUNS * STEPS * UNITS)
    return {node.number: _made(model, node.path, UNITS) for node in spread(nodes, min(LAYERS, allowed))}


def ideals(model: Model) -> list[dict[str, Any]]:
    """The same for the first classes of the only output, the score before a final softmax; none of large nets."""
    (end,) = model.net.graph.outputs.values()
    node = model.net.graph.nodes[end]
    classes = min(CLASSES, node.volume.shape[-1])
    affordable = runs(model.net.graph) >= RUNS * STEPS * classes
    return _made(model, node.path, classes) if affordable else []


def _made(model: Model, path: str, units: int) -> list[dict[str, Any]]:
    found = maximize(model, path, most=units, steps=STEPS)
    return [
        {**image(x), "value": number(value), "start": number(start)}
        for x, value, start in zip(found.x, found.values.tolist(), found.start.tolist(), strict=True)
    ]
