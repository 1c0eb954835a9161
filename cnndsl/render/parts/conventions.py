"""The totals as each convention counts them, and the kinds of layers that make the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.conventions import OPERATIONS, VALUES, Convention, differences
from cnndsl.analysis.cost import Cost, LayerCost, cost, total
from cnndsl.analysis.shown import Fact, Facts, Heading, Table
from cnndsl.graph import Graph
from cnndsl.render.parts import Part
from cnndsl.render.parts import total as written

if TYPE_CHECKING:
    from cnndsl.cli._options import Parser

_HEADINGS = (Heading("as"), Heading("total", "right"), Heading("unit"), Heading("what is counted more"))


def arguments(parser: Parser) -> None:
    parser.add_argument("--by-layer", action="store_true", help="with --conventions: what each counts more, by layer")


def part(graph: Graph, options: Mapping[str, Any]) -> Part:
    found = cost(graph)
    conventions = (*OPERATIONS.values(), *VALUES.values())
    totals = Table(_HEADINGS, tuple(row for each in conventions for row in _rows(found, each)))
    data = {each.name: total(map(each.of, found.layers)) for each in conventions}
    beyond = Facts(tuple(Fact(each.name, each.beyond) for each in conventions if each.beyond), "Counted more")
    if not options.get("by_layer"):
        return Part(blocks=(totals, beyond), data={"conventions": data})
    more = {each.name: {layer.path: each.more(layer) for layer in found.layers} for each in conventions}
    return Part(blocks=(totals, beyond, _layers(found, conventions)), data={"conventions": data, "more": more})


def _rows(found: Cost, convention: Convention) -> Iterator[tuple[str, ...]]:
    """A row for the total, its first difference beside it and the others below."""
    reasons = [str(difference) for difference in differences(found, convention)] or [""]
    yield convention.name, written(total(map(convention.of, found.layers))), convention.unit, reasons[0]
    yield from (("", "", "", reason) for reason in reasons[1:])


def _layers(found: Cost, conventions: tuple[Convention, ...]) -> Table:
    """What each convention that differs counts more, for the layers where one does."""
    differing = [each for each in conventions if differences(found, each)]
    rows = ((layer.path, *(_more(each, layer) for each in differing)) for layer in found.layers)
    headings = (Heading("path"), *(Heading(each.name, "right") for each in differing))
    return Table(headings, tuple(row for row in rows if any(row[1:])))


def _more(convention: Convention, layer: LayerCost) -> str:
    more = convention.more(layer)
    return "?" if more is None else f"{more:+,}" if more else ""
