"""The table of a network's layers, with totals that say how they were counted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.cost import USUAL, Cost, LayerCost, cost
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Table
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownWord
from cnndsl.graph import Graph
from cnndsl.render import parts
from cnndsl.render.page import text
from cnndsl.render.parts import Column, Part, total
from cnndsl.volume import Volume, axis_names

if TYPE_CHECKING:
    from cnndsl.analysis.conventions import Convention

_ACTIVATIONS = "of the input and what convolutions, pools and fully connected layers give"


def print_summary(graph: Graph, names: Iterable[str] = (), options: Mapping[str, Any] | None = None) -> None:
    """Prints the table to standard output, in colour on a terminal; `names` are further parts, with their options.

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
    added = chosen(graph, {**(options or {}), **wanted})
    sys.stdout.write(summary(graph, added, color=terminal, width=width, unicode=unicode) + "\n")


def chosen(graph: Graph, options: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts that options ask for by their names."""
    return tuple(parts.load(name).part(graph, options) for name in parts.names() if options.get(name))


def summary(
    graph: Graph,
    added: Iterable[Part] = (),
    count: str = USUAL[0],
    held: str = USUAL[1],
    *,
    color: bool = False,
    width: int | None = None,
    unicode: bool = True,
) -> str:
    """The table and the totals, without a final line end, at most `width` columns wide."""
    return text(page(cost(graph, count, held), added), color=color, width=width, unicode=unicode)


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
    count, held = found.conventions
    yield Column("params", tuple(map(held.of, found.layers)))
    yield Column(count.unit, tuple(map(count.of, found.layers)))


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
    """Parameters, what is kept apart from them, activations, operations, and how they were counted."""
    count, held = found.conventions
    yield Fact("parameters", f"{total(found.values)}{_split(found)}")
    more = tuple(_differing(found, held))
    yield from more
    if found.statistics != 0:
        apart = "counted above" if more else "not counted above"
        yield Fact("statistics", f"{total(found.statistics)} (running means and variances, {apart})")
    if found.constants != 0:
        yield Fact("constants", f"{total(found.constants)} (given numbers, not counted above)")
    yield Fact("activations", f"{total(found.activations)} values{_mebibytes(found.activations)} ({_ACTIVATIONS})")
    yield Fact(count.unit, f"{total(found.operations)} for one example")
    yield from _differing(found, count)
    yield Fact("counted as", f"{count.says}; {held.says}")


def _split(found: Cost) -> str:
    """How many of the parameters are trained, if some are frozen."""
    if not found.frozen_params:
        return ""
    return f": {total(found.trained_params)} trained, {total(found.frozen_params)} frozen"


def _mebibytes(values: int | None) -> str:
    """What so many float32 values take."""
    if values is None:
        return ""
    from cnndsl.analysis.bytes import written

    return f" = {written(values * 4)} as float32"


def _differing(found: Cost, convention: Convention) -> Iterator[Fact]:
    """A line for each kind of layer that a convention counts otherwise than the usual one."""
    from cnndsl.analysis.conventions import differences

    for difference in differences(found, convention):
        yield Fact("", str(difference))


def document(graph: Graph, added: Iterable[Part] = (), count: str = USUAL[0], held: str = USUAL[1]) -> dict[str, Any]:
    """The same for other programs, exact whole numbers: schema 1."""
    whole = cost(graph, count, held).to_dict()
    for part in added:
        whole |= part.data
        for column in part.columns:
            for layer, value in zip(whole["layers"], column.values, strict=True):
                layer[column.key or column.heading] = value
    return whole
