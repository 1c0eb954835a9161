"""The memory over time, for inference and for a step of training, and what lies there at the peaks."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.memory import LayerMemory, memory
from cnndsl.analysis.usage import Usage, described
from cnndsl.diagnostic import CnnError
from cnndsl.graph import Graph
from cnndsl.train.optimizers import optimizer


def timelines(graph: Graph) -> dict[str, Any]:
    """Bytes at batch 1 in float32 with Adam; where it cannot be told, `missing` says why."""
    try:
        found = memory(graph, optimizer("adam"))
    except CnnError as error:
        return {"missing": error.diagnostics[0].title, "helps": list(error.diagnostics[0].helps)}
    numbers = {node.path: node.number for node in graph}
    return {
        "title": found.title,
        "facts": [[fact.name, fact.text] for fact in found.facts()],
        "layers": {numbers[layer.path]: [layer.parameters, layer.kept] for layer in found.layers if _any(layer)},
        "usages": [_usage(usage, numbers) for usage in (found.inference, found.training)],
    }


def _any(layer: LayerMemory) -> bool:
    return bool(layer.parameters or layer.kept)


def _usage(usage: Usage, numbers: dict[str, int]) -> dict[str, Any]:
    """`moments` are [phase, layer's number or -1, bytes], phases by their number in `phases`."""
    moments = usage.lives.moments
    phases = list(dict.fromkeys(moment.phase for moment in moments))
    return {
        "purpose": usage.purpose,
        "fixed": usage.fixed,
        "peak": usage.peak.bytes,
        "described": described(usage),
        "phases": phases,
        "moments": [
            [phases.index(moment.phase), numbers.get(moment.path, -1), size]
            for moment, size in zip(moments, usage.timeline, strict=True)
        ],
    }
