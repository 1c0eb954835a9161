"""A result's page as text for a terminal, or as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO

from cnndsl.analysis.shown import Facts, Page, Table
from cnndsl.render._cells import measure, paint, visible, wrap

#: columns where no terminal sets a limit: of a table, and of words
UNLIMITED, WIDTH = 1_000, 100
#: the column where facts' texts begin, at least; and at most, as a part of the width
INDENT, MOST = 12, 3


def text(page: Page, *, color: bool = False, width: int | None = None, unicode: bool = True) -> str:
    """The page without a final line end, at most `width` columns wide; `unicode` false means ASCII lines."""
    lines = wrap(page.title, width)
    for block in page.blocks:
        lines.append("")
        lines += _table(block, color, width, unicode) if isinstance(block, Table) else _facts(block, color, width)
    return "\n".join(lines)


def _table(table: Table, color: bool, width: int | None, unicode: bool) -> Iterator[str]:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD if unicode else box.ASCII2, pad_edge=False, show_edge=False)
    for heading in table.headings:
        grid.add_column(heading.text, justify=heading.justify, overflow="fold")  # type: ignore[arg-type]
    for row in table.rows:
        grid.add_row(*(Text(visible(cell)) for cell in row))
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
    console.print(grid)
    return (line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n"))


def _facts(block: Facts, color: bool, width: int | None) -> Iterator[str]:
    """Names with their texts beside them; a name that leaves no room has its text below it."""
    if block.title:
        yield from (paint(line, "strong", color) for line in wrap(block.title, width))
    room = width or WIDTH
    indent = min(max([INDENT, *(measure(fact.name) + 2 for fact in block.facts)]), max(INDENT, room // MOST))
    for fact in block.facts:
        lines = wrap(fact.text, room - indent)
        if measure(fact.name) + 2 > indent:
            yield from wrap(fact.name, room)
            yield from (" " * indent + line for line in lines)
            continue
        names = [visible(fact.name), *[""] * (len(lines) - 1)]
        yield from (f"{name}{' ' * (indent - measure(name))}{line}".rstrip() for name, line in zip(names, lines))


def html(page: Page) -> str:
    """The page as a plain piece of HTML, everything in it escaped."""
    from html import escape

    parts = [f"<p><b>{escape(visible(page.title))}</b></p>"]
    for block in page.blocks:
        if isinstance(block, Facts):
            title = f"<p><b>{escape(visible(block.title))}</b></p>" if block.title else ""
            rows = "".join(_row("td", (fact.name, fact.text), ("left", "left")) for fact in block.facts)
            parts.append(f"{title}<table><tbody>{rows}</tbody></table>")
            continue
        sides = [heading.justify for heading in block.headings]
        head = _row("th", (heading.text for heading in block.headings), sides)
        body = "".join(_row("td", row, sides) for row in block.rows)
        parts.append(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>")
    return "\n".join(parts)


def _row(tag: str, cells: Iterable[str], sides: Iterable[str]) -> str:
    from html import escape

    made = (
        f'<{tag} style="text-align: {side}">{escape(visible(cell))}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(made)}</tr>"
