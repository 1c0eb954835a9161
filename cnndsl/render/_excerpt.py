"""The excerpt of a source with labels drawn under its lines, as rustc draws them.

    5 |     add { id | conv(8, 5) -> relu }
      |     --- --     ^^^^^^^^^^ 24x24x8
      |     |   |
      |     |   28x28x1
      |     these must agree

Everything here counts cells of the terminal; `_cells.Row` knows how characters take them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.diagnostic import Label
from cnndsl.record import Record
from cnndsl.render._cells import Row, measure, words, wrap
from cnndsl.source import Source, Span

#: lines of source that nobody needs to see in full: longer ones are cut before they are measured
LONG = 1000
#: cells for a line of source where no terminal sets a limit
CODE = 140
#: cells for the text of labels where no terminal sets a limit
UNLIMITED = 1_000_000


class Printed(Record):
    """A row of the excerpt: what stands in the gutter (a line's number, dots or nothing) and the cells."""

    gutter: str
    row: Row


class Mark(Record):
    """The part of a label on one line: cells `start` up to `end`, at least one."""

    start: int
    end: int
    text: str
    style: str
    primary: bool


class Placed(Record):
    """A label by lines (from 1) and characters (from 0): where it starts and the character behind its end."""

    label: Label
    line: int
    start: int
    last: int
    behind: int


def place(label: Label) -> tuple[int, int, int, int]:
    """First line, its character, last line, the character behind the end, as `Placed` has them.

    An end just behind a line's end belongs to that line, not to the next.
    """
    span = label.span
    end = span.end
    while end > span.start and span.source.text[end - 1] in "\r\n":
        end -= 1
    line, column = span.position
    last, behind = Span(span.source, end, end).position
    return line, column - 1, last, behind - 1


def excerpt(source: Source, labels: Iterable[Label], style: str, room: int | None) -> list[Printed]:
    """The lines of `source` that the labels touch, with the labels under them.

    `style` is that of primary labels; `room` are the cells right of the gutter, None if unlimited.
    """
    return list(_Excerpt(source, list(labels), style, room).rows())


class _Excerpt:
    def __init__(self, source: Source, labels: list[Label], style: str, room: int | None) -> None:
        self.source = source
        self.style = style
        # the same said twice is said once
        self.labels = [Placed(label, *place(label)) for label in dict.fromkeys(labels)]
        #: labels over several lines, the outermost first: each has a column of the margin
        self.tall = sorted(
            (one for one in self.labels if one.line != one.last), key=lambda one: (one.line, -one.last, one.start)
        )
        self.margin = len(self.tall) + 1 if self.tall else 0
        self.code = max((room or CODE) - self.margin, 10)
        self.text = max((room or UNLIMITED) - self.margin, 10)
        #: columns of the margin whose label has begun and not ended
        self.open: set[int] = set()

    def style_of(self, one: Placed) -> str:
        return self.style if one.label.primary else "secondary"

    def shown(self) -> list[int]:
        """The numbers of the lines to print: both ends of every label and little between."""
        lines: set[int] = set()
        for one in self.labels:
            few = one.last - one.line < 5
            lines |= set(range(one.line, one.last + 1)) if few else {one.line, one.line + 1, one.last}
        return sorted(lines | {line + 1 for line in lines if line + 2 in lines})

    def rows(self) -> Iterator[Printed]:
        previous = None
        for number in self.shown():
            if previous is not None and number > previous + 1:
                yield Printed("...", self.bars())
            yield from self.line(number)
            previous = number

    def line(self, number: int) -> Iterator[Printed]:
        """A line of source, the labels on it, and the ends and beginnings of those over several lines."""
        here = [one for one in self.labels if one.line == number == one.last]
        ends = [one for one in self.tall if one.last == number]
        begins = [one for one in self.tall if one.line == number]
        spans = [(one.start, max(one.behind, one.start + 1)) for one in here]
        spans += [(max(one.behind - 1, 0), max(one.behind, 1)) for one in ends]
        spans += [(one.start, one.start + 1) for one in begins]
        touching = here + ends + begins
        focus = next((at for at, one in enumerate(touching) if one.label.primary), 0)
        code, cells = fit(self.source.line(number), spans, focus, self.code)
        marks = [
            Mark(*cell, words(one.label.text), self.style_of(one), one.label.primary)
            for cell, one in zip(cells, touching)
        ]
        bars = self.bars()
        if len(touching) == len(begins) == 1 and not "".join(code.cells[: marks[0].start]).strip():
            bars.put(self.tall.index(begins[0]), "/", marks[0].style)
            self.open.add(self.tall.index(begins[0]))
            begins = []
        yield Printed(str(number), append(bars, code))
        for row in annotate(marks[: len(here)], self.text):
            yield Printed("", append(self.bars(), row))
        for one, mark in zip(ends, marks[len(here) :], strict=False):
            yield from self.end(self.tall.index(one), mark)
        for one, mark in zip(begins, marks[len(here) + len(ends) :]):
            yield Printed("", self.corner(self.tall.index(one), mark))
            self.open.add(self.tall.index(one))

    def bars(self) -> Row:
        """The margin: a bar for every label over several lines that is open."""
        row = Row(" " * self.margin)
        for depth in self.open:
            row.put(depth, "|", self.style_of(self.tall[depth]))
        return row

    def corner(self, depth: int, mark: Mark) -> Row:
        """The row ` ____^` that ties a place to its column of the margin."""
        row = self.bars()
        for column in range(depth + 1, self.margin + mark.start):
            if column >= len(row) or row.cells[column] == " ":
                row.put(column, "_", mark.style)
        return row.put(self.margin + mark.start, "^" if mark.primary else "-", mark.style)

    def end(self, depth: int, mark: Mark) -> Iterator[Printed]:
        """The row `|____^ text`, the text below where it does not fit beside."""
        row = self.corner(depth, mark)
        self.open.remove(depth)
        if measure(mark.text) <= self.text - mark.end - 1 and "\n" not in mark.text:
            yield Printed("", row.put(self.margin + mark.end + 1, mark.text, mark.style))
            return
        yield Printed("", row)
        column, lines = hang(mark.text, mark.start, 0, self.text)
        for part in lines:
            yield Printed("", append(self.bars(), Row().put(column, part, mark.style)))


def append(left: Row, right: Row) -> Row:
    """The cells of one row behind those of another."""
    left.cells += right.cells
    left.styles += right.styles
    return left


def fit(text: str, spans: list[tuple[int, int]], focus: int, room: int) -> tuple[Row, list[tuple[int, int]]]:
    """A line of source cut to `room` cells around its labels, and the cells of each label.

    `spans` are in characters; the one numbered `focus` stays in view.
    """
    if len(text) > LONG:
        middle = spans[focus][0] if spans else 0
        start = max(0, min(middle - LONG // 2, len(text) - LONG))
        shift = 3 - start if start else 0
        text = ("..." if start else "") + text[start : start + LONG] + "..."
        spans = [tuple(max(3 if start else 0, at + shift) for at in span) for span in spans]  # type: ignore[misc]
    row = Row(text)
    last = len(row.starts) - 1
    found = []
    for start, end in spans:
        left = row.starts[min(start, last)] + max(0, start - last)
        right = row.starts[min(end, last)] + (1 if end > last else 0)
        found.append((left, max(right, left + 1)))
    if len(row) <= room:
        return row, found
    low, high = min((a for a, _ in found), default=0), max((b for _, b in found), default=0)
    if high - low > room - 6:
        low, high = found[focus][0], min(found[focus][1], found[focus][0] + room - 6)
    left = 0 if high <= room - 3 else min(max(0, (low + high - room) // 2), max(len(row), high) - room)
    shift, stop = left, left + room
    edge = 3 if left else 0
    inside = room - (3 if stop < len(row) else 0)
    moved = [(min(max(a - shift, edge), inside - 1), min(b - shift, inside)) for a, b in found]
    return row.cut(left, stop), [(a, max(a + 1, b)) for a, b in moved]


def annotate(marks: list[Mark], width: int) -> list[Row]:
    """The rows under a line: the marks, the rightmost text beside them, the others hung below."""
    if not marks:
        return []
    line = Row()
    for mark in sorted(marks, key=lambda mark: mark.primary):
        line.put(mark.start, ("^" if mark.primary else "-") * (mark.end - mark.start), mark.style)
    named = sorted((mark for mark in marks if mark.text), key=lambda mark: (-mark.start, mark.primary))
    rows = [line]
    behind = max(mark.end for mark in marks)
    for mark in named:
        if mark.end == behind and "\n" not in mark.text and behind + 1 + measure(mark.text) <= width:
            line.put(behind + 1, mark.text, mark.style)
            named.remove(mark)
            break
    if named:
        rows.append(_connectors(named))
    for at, mark in enumerate(named):
        left = [other for other in named[at + 1 :] if other.start < mark.start]
        column, lines = hang(mark.text, mark.start, max((m.start + 2 for m in left), default=0), width)
        rows += [_connectors(left).put(column, part, mark.style) for part in lines]
    return rows


def _connectors(marks: Iterable[Mark]) -> Row:
    row = Row()
    for mark in marks:
        row.put(mark.start, "|", mark.style)
    return row


def hang(text: str, column: int, least: int, width: int) -> tuple[int, list[str]]:
    """Where to write a label's text under a column, and its lines.

    It moves left, not beyond `least`, where the room to the right is too narrow to read.
    """
    longest = max(map(measure, text.split("\n")))
    column = max(least, min(column, width - min(longest, 32)))
    return column, wrap(text, max(width - column, 8))
