"""What each layer keeps for the run backward, the peaks for inference and training, and what lies there.

A peak's rows are marked, the other totals stand below the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.bytes import written
from cnndsl.analysis.memory import Memory, memory
from cnndsl.analysis.planning import MemoryPlan, memory_plan
from cnndsl.analysis.shown import Facts
from cnndsl.engine import Optimizer
from cnndsl.graph import Graph
from cnndsl.render.parts import Column, Part

#: the options of this part, which `--fits` has too; `optimizer` is an update rule, as nothing here knows one by name
SETTINGS = ("batch", "dtype", "optimizer", "loss")

#: types of numbers that an engine computes in, so that there is a plan
TYPES = ("float32", "float64")


def found(graph: Graph, options: Mapping[str, Any]) -> Memory:
    """The memory at the options' settings."""
    given = {name: options[name] for name in SETTINGS if options.get(name) is not None}
    return memory(graph, given.pop("optimizer"), **given)


def part(graph: Graph, options: Mapping[str, Any]) -> Part:
    whole = found(graph, options)
    data = whole.to_dict()
    layers, peaks = data.pop("layers"), _peaks(whole)
    columns = (
        Column("kept", tuple(layer["kept"] for layer in layers), lambda size: written(size) if size else ""),
        Column("peak", tuple(peaks.get(layer["path"], []) for layer in layers), ", ".join, justify="left"),
    )
    for name in ("schema", "net"):
        del data[name]
    engine = _engine(graph, options["optimizer"], whole)
    plans = {"plan": engine.to_dict()} if engine else {}
    blocks = (Facts(whole.facts(), whole.title), *([Facts(engine.facts(), engine.title)] if engine else []))
    return Part(columns, blocks=blocks, data={"memory": data, **plans})


def _engine(graph: Graph, optimizer: Optimizer, whole: Memory) -> MemoryPlan | None:
    """What an engine plans for the same settings, where one computes in such numbers."""
    if whole.dtype not in TYPES:
        return None
    return memory_plan(graph, optimizer, batch=whole.batch, dtype=whole.dtype, loss=whole.loss)


def _peaks(whole: Memory) -> dict[str, list[str]]:
    """By path, the purposes whose peak is while the layer runs."""
    found: dict[str, list[str]] = {}
    for usage in (whole.inference, whole.training):
        found.setdefault(usage.peak.moment.path, []).append(usage.purpose)
    return found
