"""The texts that a net was written in, with the places of its layers and what there is to say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnndsl.diagnostic import Diagnostic
from cnndsl.graph import Graph
from cnndsl.render.json import as_object
from cnndsl.source import Source, Span


def told(diagnostics: Iterable[Diagnostic], graph: Graph | None = None) -> dict[str, Any]:
    """`sources`, the net's own first, `places` of the layers in them, and `diagnostics`.

    A place is the number of a source, line and column (both from 1) of the beginning and of the end.
    """
    found = list(diagnostics)
    sources = list(dict.fromkeys(_sources(found, graph)))
    numbers = {source: number for number, source in enumerate(sources)}
    return {
        "sources": [{"name": source.name, "text": source.text} for source in sources],
        "places": [_place(node.site.span, numbers) for node in graph] if graph else [],
        "diagnostics": [_message(diagnostic, numbers) for diagnostic in found],
    }


def _sources(diagnostics: list[Diagnostic], graph: Graph | None) -> Iterator[Source]:
    if graph:
        yield graph.source
        yield from (node.site.span.source for node in graph if node.site.span)
    for diagnostic in diagnostics:
        yield from (label.span.source for label in diagnostic.labels)


def _place(span: Span | None, numbers: dict[Source, int]) -> list[int] | None:
    return [numbers[span.source], *span.position, *span.end_position] if span else None


def _message(diagnostic: Diagnostic, numbers: dict[Source, int]) -> dict[str, Any]:
    whole = as_object(diagnostic)
    labels = [[_place(label.span, numbers), label.text, label.primary] for label in diagnostic.labels]
    kept = ("code", "severity", "message", "notes", "helps", "rendered")
    return {**{name: whole[name] for name in kept}, "labels": labels}
