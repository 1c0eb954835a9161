"""What each convention counts more than the usual ones, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.conventions import CONVENTIONS, Convention, differences
from cnndsl.analysis.cost import LayerCost, cost
from cnndsl.analysis.shown import Heading, Table
from cnndsl.graph import Graph
from cnndsl.render.parts import Part


def part(graph: Graph, _: Mapping[str, Any]) -> Part:
    found = cost(graph)
    differing = [each for each in CONVENTIONS if differences(found, each)]
    rows = ((layer.path, *(_more(each, layer) for each in differing)) for layer in found.layers)
    headings = (Heading("counted more"), *(Heading(each.name, "right") for each in differing))
    table = Table(headings, tuple(row for row in rows if any(row[1:])))
    data = {each.name: {layer.path: each.more(layer) for layer in found.layers} for each in differing}
    return Part(blocks=(table,), data={"differences": data})


def _more(convention: Convention, layer: LayerCost) -> str:
    more = convention.more(layer)
    return "?" if more is None else f"{more:+,}" if more else ""
