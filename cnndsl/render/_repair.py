"""A fix as the lines of source that it changes.

help: pad the input: pad=2
  |
5 +     conv(64, 5, pad=2)
  |               +++++++
"""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.diagnostic import Edit, Fix
from cnndsl.render._cells import Row
from cnndsl.render._excerpt import Printed, fit
from cnndsl.source import Source

#: lines of one hunk that are shown before the rest is left out
LONGEST = 6


def repair(fix: Fix, room: int) -> list[tuple[Source, list[Printed]]]:
    """For each source that the fix changes, its changed lines: `+` those after, `-` those before.

    A fix that only inserts within a line shows the new line with what is new marked.
    """
    sources = list(dict.fromkeys(edit.span.source for edit in fix.edits))
    return [(source, list(_source(source, fix, room))) for source in sources]


def _source(source: Source, fix: Fix, room: int) -> Iterator[Printed]:
    edits = sorted((edit for edit in fix.edits if edit.span.source is source), key=lambda edit: edit.span.start)
    hunks: list[list[Edit]] = []
    for edit in edits:
        if hunks and edit.span.position[0] <= hunks[-1][-1].span.end_position[0]:
            hunks[-1].append(edit)
        else:
            hunks.append([edit])
    for hunk in hunks:
        yield from _hunk(source, hunk, room)


def _hunk(source: Source, edits: list[Edit], room: int) -> Iterator[Printed]:
    first, last = edits[0].span.position[0], edits[-1].span.end_position[0]
    start = at = source.line_starts[first - 1]
    stop = source.line_starts[last - 1] + len(source.line(last))
    new, inserted = "", []
    for edit in edits:
        new += source.text[at : edit.span.start]
        inserted.append((len(new), len(new) + len(edit.text)))
        new += edit.text
        at = max(at, edit.span.end)
    new += source.text[at:stop]
    if "\n" not in new and all(edit.span.start == edit.span.end for edit in edits):
        row, marks = fit(new, inserted, 0, room)
        yield Printed(f"{first} +", row)
        yield Printed("", _pluses(marks))
        return
    old_lines, new_lines = source.text[start:stop].split("\n"), new.split("\n")
    if len(old_lines) == len(new_lines) == 1:
        removed = [(edit.span.start - start, edit.span.end - start) for edit in edits]
        yield Printed(f"{first} -", _tinted(source.text[start:stop], removed, "removed", room))
        if new.strip():
            yield Printed(f"{first} +", _tinted(new, inserted, "added", room))
        return
    while old_lines and new_lines and old_lines[0] == new_lines[0]:
        del old_lines[0], new_lines[0]
        first += 1
    while old_lines and new_lines and old_lines[-1] == new_lines[-1]:
        del old_lines[-1], new_lines[-1]
    yield from _lines("-", "removed", first, old_lines, room)
    yield from _lines("+", "added", first, new_lines, room)


def _pluses(marks: list[tuple[int, int]]) -> Row:
    row = Row()
    for start, end in marks:
        row.put(start, "+" * (end - start), "added")
    return row


def _tinted(line: str, spans: list[tuple[int, int]], style: str, room: int) -> Row:
    row, _ = fit(line.rstrip("\r"), spans, 0, room)
    row.styles = [style] * len(row)
    return row


def _lines(sign: str, style: str, first: int, lines: list[str], room: int) -> Iterator[Printed]:
    for number, line in enumerate(lines[:LONGEST], start=first):
        yield Printed(f"{number} {sign}", _tinted(line, [(0, 1)], style, room))
    if len(lines) > LONGEST:
        yield Printed("...", Row())
