"""The totals as each convention counts them, and the kinds of layers that make the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnndsl.analysis.conventions import CONVENTIONS, Convention, differences
from cnndsl.analysis.cost import Cost, cost, total
from cnndsl.analysis.shown import Fact, Facts, Heading, Table
from cnndsl.graph import Graph
from cnndsl.render.parts import Part
from cnndsl.render.parts import total as written

_HEADINGS = (Heading("as"), Heading("total", "right"), Heading("unit"), Heading("what is counted more"))


def part(graph: Graph, _: Mapping[str, Any]) -> Part:
    found = cost(graph)
    totals = Table(_HEADINGS, tuple(row for each in CONVENTIONS for row in _rows(found, each)))
    beyond = Facts(tuple(Fact(each.name, each.beyond) for each in CONVENTIONS if each.beyond), "Counted more")
    data = {each.name: total(map(each.of, found.layers)) for each in CONVENTIONS}
    return Part(blocks=(totals, beyond), data={"conventions": data})


def _rows(found: Cost, convention: Convention) -> Iterator[tuple[str, ...]]:
    """A row for the total, its first difference beside it and the others below."""
    reasons = [str(difference) for difference in differences(found, convention)] or [""]
    yield convention.name, written(total(map(convention.of, found.layers))), convention.unit, reasons[0]
    yield from (("", "", "", reason) for reason in reasons[1:])
