"""What the page shows, as JSON has it: a net's layers, fields, memory, sources and messages, each from its analysis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnndsl.analysis.cost import cost
from cnndsl.analysis.shown import Fact
from cnndsl.diagnostic import Diagnostic
from cnndsl.graph import Graph
from cnndsl.render.summary import totals
from cnndsl.report import memory, texts
from cnndsl.report.layers import Layers

SCHEMA = 1


def document(graph: Graph, diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    """Everything that the page shows of a net, in JSON's types.

    Equal formulas, derivations, fields and links are held once (`words`, `steps`, `axes`, `wires`), and named by
    number. A size is a list with null for an open extent.
    """
    found = cost(graph)
    written = Layers(graph, found)
    columns = written.columns()
    return {
        "schema": SCHEMA,
        "net": graph.name,
        "doc": graph.doc,
        "inputs": {name: _end(graph, number) for name, number in graph.inputs.items()},
        "outputs": {name: _end(graph, number) for name, number in graph.outputs.items()},
        "totals": {"params": found.params, "macs": found.macs, "activations": found.activations},
        "facts": [_fact(fact) for fact in totals(found)],
        "layers": columns,
        "words": written.words.items(),
        "steps": written.steps.items(),
        "axes": written.axes.items(),
        "wires": written.wires.items(),
        "memory": memory.timelines(graph),
        **texts.told(diagnostics, graph),
    }


def failed(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """What the page shows of a file that does not check: its text and what is wrong with it."""
    return {"schema": SCHEMA, "net": "", "layers": {}, **texts.told(diagnostics)}


def _end(graph: Graph, number: int) -> dict[str, Any]:
    return {"layer": number, "size": list(graph.nodes[number].volume.extents)}


def _fact(fact: Fact) -> list[str]:
    return [fact.name, fact.text]
