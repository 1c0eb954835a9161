"""Beside the shared parameters: those without sharing, the connections, and a fully connected layer's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.cost import cost
from cnndsl.analysis.shown import Fact
from cnndsl.graph import Graph
from cnndsl.render.parts import Column, Part, total

_UNSHARED = "weights and biases if every output position had its own; given numbers included"
_CONNECTIONS = (
    "one for each cell that a unit reads through a weight or a pooling window and for each bias; padding is read by "
    "weights, not by pools (as LeCun et al. count, 1998)"
)
_CONNECTED = "what a fully connected layer in the place of the layer would hold: inputs x outputs + outputs"


def part(graph: Graph, _: Mapping[str, Any]) -> Part:
    found = cost(graph)
    columns = (
        Column("unshared", tuple(layer.unshared for layer in found.layers)),
        Column("connections", tuple(layer.connections for layer in found.layers)),
        Column("fully connected", tuple(layer.connected for layer in found.layers), key="connected"),
    )
    facts = (
        Fact("unshared", f"{total(found.unshared)} ({_UNSHARED})"),
        Fact("connections", f"{total(found.connections)} ({_CONNECTIONS})"),
        Fact("fully connected", _CONNECTED),
    )
    return Part(columns, facts, data={"unshared": found.unshared, "connections": found.connections})
