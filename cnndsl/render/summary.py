"""The table of a network's layers, with totals that say how they were counted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnndsl.analysis.cost import Cost, LayerCost, cost
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Table
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownWord
from cnndsl.graph import Graph
from cnndsl.render import parts
from cnndsl.render.page import text
from cnndsl.render.parts import Column, Part, total
from cnndsl.volume import Volume, axis_names


def print_summary(graph: Graph, names: Iterable[str] = ()) -> None:
    """Prints the table to standard output, in colour on a terminal; `names` are further parts.

    Raises CnnError (E054) for a part that there is not.
    """
    terminal = sys.stdout.isatty()
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    width = None
    if terminal:
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    wanted = dict.fromkeys(names, True)
    for name in wanted:
        if name not in parts.names():
            raise UnknownWord(NOWHERE, option="summary", word=name, words=tuple(parts.names())).error()
    added = chosen(graph, wanted)
    sys.stdout.write(summary(graph, added, color=terminal, width=width, unicode=unicode) + "\n")


def chosen(graph: Graph, options: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts that options ask for by their names."""
    return tuple(parts.load(name).part(graph, options) for name in parts.names() if options.get(name))


def summary(
    graph: Graph, added: Iterable[Part] = (), *, color: bool = False, width: int | None = None, unicode: bool = True
) -> str:
    """The table and the totals, without a final line end, at most `width` columns wide."""
    return text(page(cost(graph), added), color=color, width=width, unicode=unicode)


def page(found: Cost, added: Iterable[Part] = ()) -> Page:
    """What a summary shows: path, call, output volume, parameters, multiply-accumulates, and what parts add.

    Extents that are not fixed are shown as H, W and so on, and counts that depend on them as `?`.
    """
    added = tuple(added)
    columns = [*_columns(found), *(column for part in added for column in part.columns)]
    headings = tuple(Heading(column.heading, column.justify) for column in columns)
    rows = zip(*(map(column.written, column.values) for column in columns), strict=True)
    facts = (*totals(found), *(fact for part in added for fact in part.facts))
    title = f"{found.net}: {' '.join(found.doc.split())}" if found.doc else found.net
    return Page(
        title, (Table(headings, tuple(rows)), Facts(facts), *(block for part in added for block in part.blocks))
    )


def _columns(found: Cost) -> Iterator[Column]:
    """The columns that every summary has; their values are in JSON without them."""
    yield Column("path", tuple(layer.path for layer in found.layers), str, justify="left")
    yield Column("layer", tuple(map(call, found.layers)), str, justify="left")
    yield Column("output", tuple(layer.output for layer in found.layers), shown, justify="left")
    yield Column("params", tuple(layer.params for layer in found.layers))
    yield Column("MACs", tuple(layer.macs for layer in found.layers))


def call(layer: LayerCost) -> str:
    """How the layer is written, and what else there is to know of it."""
    remarks = [layer.remark] * bool(layer.remark)
    remarks += ["frozen"] * layer.frozen
    remarks += [f"shares {layer.owner}"] * (layer.owner not in ("", layer.path))
    written = layer.layer.written()
    return f"{written} ({', '.join(remarks)})" if remarks else written


def shown(volume: Volume) -> str:
    """A size with the names of its axes for extents that are not fixed: `HxWx64`."""
    letters = [name[0].upper() for name in axis_names(volume.rank)] + ["C"]
    return "x".join(letter if extent is None else str(extent) for extent, letter in zip(volume.extents, letters))


def totals(found: Cost) -> Iterator[Fact]:
    """Parameters, what is kept apart from them, multiply-accumulates, and the convention."""
    frozen = f", {total(found.frozen_params)} of them frozen" if found.frozen_params else ""
    yield Fact("parameters", f"{total(found.params)}{frozen}")
    if found.statistics != 0:
        yield Fact("statistics", f"{total(found.statistics)} (running means and variances, not counted above)")
    if found.constants != 0:
        yield Fact("constants", f"{total(found.constants)} (given numbers, not counted above)")
    yield Fact("MACs", f"{total(found.macs)} for one example")
    yield Fact("counted as", found.convention)


def document(graph: Graph, added: Iterable[Part] = ()) -> dict[str, Any]:
    """The same for other programs, exact whole numbers: schema 1."""
    whole = cost(graph).to_dict()
    for part in added:
        whole |= part.data
        for column in part.columns:
            for layer, value in zip(whole["layers"], column.values, strict=True):
                layer[column.key or column.heading] = value
    return whole
