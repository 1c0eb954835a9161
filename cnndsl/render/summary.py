"""The table of a network's layers, with totals that say how they were counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

from cnndsl.analysis.cost import Cost, LayerCost, cost
from cnndsl.graph import Graph
from cnndsl.render._cells import visible, wrap
from cnndsl.volume import Volume, axis_names

#: columns where no terminal sets a limit: of the table, and of the words below it
UNLIMITED, WIDTH = 1_000, 100


def print_summary(graph: Graph) -> None:
    """Prints the table to standard output, in colour on a terminal."""
    terminal = sys.stdout.isatty()
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    width = None
    if terminal:
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    sys.stdout.write(summary(graph, color=terminal, width=width, unicode=unicode) + "\n")


def summary(graph: Graph, *, color: bool = False, width: int | None = None, unicode: bool = True) -> str:
    """The table and the totals, without a final line end.

    Columns: path, call, output volume, parameters, multiply-accumulates. Extents that are not fixed
    are shown as H, W and so on, and counts that depend on them as `?`.
    """
    from rich.box import ASCII2, SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = cost(graph)
    table = Table(box=SIMPLE_HEAD if unicode else ASCII2, pad_edge=False, show_edge=False)
    for name, justify in (
        ("path", "left"),
        ("layer", "left"),
        ("output", "left"),
        ("params", "right"),
        ("MACs", "right"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for node, layer in zip(graph, found.layers, strict=True):
        cells = (layer.path, call(node.layer.written(), layer), shown(layer.output), *counts(layer))
        table.add_row(*(Text(visible(cell)) for cell in cells))
    stream = StringIO()
    console = Console(
        file=stream,
        width=width or UNLIMITED,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(table)
    heading = [f"{graph.name}: {' '.join(graph.doc.split())}" if graph.doc else graph.name]
    rows = [line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")]
    return "\n".join([*wrap(visible(heading[0]), width), "", *rows, "", *totals(found, width)])


def call(written: str, layer: LayerCost) -> str:
    """How the layer is written, and what else there is to know of it."""
    remarks = [layer.remark] * bool(layer.remark)
    remarks += ["frozen"] * layer.frozen
    remarks += [f"shares {layer.owner}"] * (layer.owner not in ("", layer.path))
    return f"{written} ({', '.join(remarks)})" if remarks else written


def shown(volume: Volume) -> str:
    """A size with the names of its axes for extents that are not fixed: `HxWx64`."""
    letters = [name[0].upper() for name in axis_names(volume.rank)] + ["C"]
    return "x".join(letter if extent is None else str(extent) for extent, letter in zip(volume.extents, letters))


def counts(layer: LayerCost) -> tuple[str, str]:
    """Parameters and multiply-accumulates; nothing for none."""
    return number(layer.params, ""), number(layer.macs, "")


def number(count: int | None, none: str = "0") -> str:
    """A count with separators of thousands; `?` for one that is open."""
    return "?" if count is None else f"{count:,}" if count else none


def totals(found: Cost, width: int | None) -> Iterator[str]:
    """Parameters, what is kept apart from them, multiply-accumulates, and the convention."""
    frozen = f", {number(found.frozen_params)} of them frozen" if found.frozen_params else ""
    lines = [("parameters", f"{number(found.params)}{frozen}")]
    if found.statistics != 0:
        lines.append(("statistics", f"{number(found.statistics)} (running means and variances, not counted above)"))
    if found.constants != 0:
        lines.append(("constants", f"{number(found.constants)} (given numbers, not counted above)"))
    lines += [("MACs", f"{number(found.macs)} for one example"), ("counted as", found.convention)]
    for name, text in lines:
        for at, line in enumerate(wrap(text, (width or WIDTH) - 12)):
            yield f"{'' if at else name:<12}{line}"


def document(graph: Graph) -> dict[str, Any]:
    """The same for other programs, exact whole numbers: schema 1."""
    return cost(graph).to_dict()
