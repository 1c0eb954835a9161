"""The looks into a net that take the most work, and how to have those that the page of a large net goes without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.report.best import best, ideals, sought
from cnndsl.report.budget import runs
from cnndsl.report.maxima import layers as taking_maxima
from cnndsl.report.maxima import maxima
from cnndsl.report.moved import layers, moved
from cnndsl.report.reasons import SQUARES

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.graph import Graph, Node
    from cnndsl.train.model import Model


def looks(model: Model, x: Array, shown: Array) -> dict[str, Any]:
    """What units answer most and what goes along with images that move; `left` are commands for what is left out."""
    nodes = learned_layers(model)
    found = {"best": best(model, nodes, x), "sought": sought(model, nodes), "ideals": ideals(model)}
    found |= {"moved": moved(model, shown), "maxima": maxima(model, shown)}
    return {**found, "left": _left(model.net.graph, nodes, found)}


def learned_layers(model: Model) -> list[Node]:
    """The convolutions and fully connected layers with weights but for the last, whose units are the classes."""
    names = model.engine.arrays()
    found = [node for node in model.net.graph if node.layer.stored and f"{node.owner}.weight" in names]
    return [node for node in found[:-1] if node.volume.rank in (0, 2)]


def _left(graph: Graph, nodes: list[Node], found: dict[str, Any]) -> list[str]:
    """What is typed to have what was too much work."""
    unit, maps = nodes[0].path if nodes else "", [node.path for node in layers(graph)]
    largest = [node.path for node in taking_maxima(graph)]
    end = graph.nodes[next(iter(graph.outputs.values()))].path
    data, given = " --data DATA", " --weights WEIGHTS"
    left = [
        f"top {unit}{given}{data} -o top.png" if unit and not found["best"] else "",
        f"maximize {unit}{given} -o inputs.png" if unit and not found["sought"] else "",
        f"maximize {end}{given} -o classes.png" if not found["ideals"] else "",
        f"occlusion{given}{data} -o occlusion.png" if runs(graph) < SQUARES else "",
        f"equivariance {maps[0]}{given}{data} -o moved.png" if maps and not found["moved"] else "",
        f"responses {largest[0]}:0{given} --image IMAGE -o kept.png" if largest and not found["maxima"] else "",
    ]
    return [f"cnnc visualize FILE {each}" for each in left if each]
