"""The largest batch that fits into so much memory (16GB, 8GiB), for inference and for training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.shown import Facts
from cnndsl.graph import Graph
from cnndsl.render.parts import Part
from cnndsl.render.parts.memory import found

METAVAR = "SIZE"


def part(graph: Graph, options: Mapping[str, Any]) -> Part:
    fits = found(graph, {**options, "batch": None}).fits(options["fits"])
    data = fits.to_dict()
    for name in ("schema", "net"):
        del data[name]
    return Part(blocks=(Facts(fits.facts(), fits.title),), data={"fits": data})
