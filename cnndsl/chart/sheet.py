"""A sheet: panels laid out as strokes and words, which any printer can put down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnndsl.chart.panel import Line, Panel, Point
from cnndsl.record import Record

WIDTH, HEIGHT = 380, 260  # of a panel, in pixels
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40  # what lies around its axes
ABREAST = 2  # panels side by side
INK, FAINT = "ink", "faint"
LETTER = 5.6  # about how wide one is
#: colours of lines that those who see few colours tell apart (M. Okabe and K. Ito, 2008)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


class Stroke(Record):
    """A line through points in pixels; its colour is `ink`, `faint` or #rrggbb."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    dashed: bool = False


class Words(Record):
    """A text whose anchor (start, middle, end) lies at a point on its baseline."""

    at: Point
    text: str
    anchor: str = "start"
    size: int = 11
    bold: bool = False


class Sheet(Record):
    """What is drawn, and the size of the whole in pixels."""

    width: int
    height: int
    marks: tuple[Stroke | Words, ...]


def sheet(panels: Sequence[Panel]) -> Sheet:
    """Panels in reading order, two abreast."""
    rows = max(1, -(-len(panels) // ABREAST))
    marks = [mark for number, panel in enumerate(panels) for mark in _panel(panel, *_place(number))]
    return Sheet(WIDTH * max(1, min(len(panels), ABREAST)), HEIGHT * rows, tuple(marks))


def _place(number: int) -> Point:
    return number % ABREAST * WIDTH, number // ABREAST * HEIGHT


def _panel(panel: Panel, left: float, top: float) -> Iterator[Stroke | Words]:
    """The axes with their numbers, the lines, and what they are called."""
    (x0, x1), (y0, y1) = panel.range(0), panel.range(1)
    wide, high = WIDTH - LEFT - RIGHT - _column_width(panel), HEIGHT - TOP - BOTTOM

    def across(value: float) -> float:
        return round(left + LEFT + (panel.at(value) - x0) / (x1 - x0) * wide, 2)

    def up(value: float) -> float:
        return round(top + TOP + (y1 - panel.at(value)) / (y1 - y0) * high, 2)

    yield Words((left + LEFT, top + 18), panel.title, size=13, bold=True)
    yield Words((left + LEFT + wide / 2, top + HEIGHT - 6), panel.across, "middle")
    start, end, base = left + LEFT, left + LEFT + wide, top + TOP + high
    for value in panel.ticks(1, 5):
        yield Stroke(((start, up(value)), (end, up(value))), FAINT)
        yield Words((start - 6, up(value) + 4), f"{value:g}", "end")
    for value in panel.ticks(0, 6):
        if value == int(value):
            yield Words((across(value), base + 16), f"{value:g}", "middle")
    yield Stroke(((start, top + TOP), (start, base), (end, base)), INK)
    for number, line in enumerate(panel.lines):
        yield from _line(line, COLOURS[number % len(COLOURS)], tuple((across(x), up(y)) for x, y in line.finite))
    yield from _key(panel, left + WIDTH - RIGHT, top + 18)


def _line(line: Line, colour: str, points: tuple[Point, ...]) -> Iterator[Stroke]:
    """A curve; a single point is a short dash."""
    if len(points) == 1:
        ((x, y),) = points
        points = ((x - 3, y), (x + 3, y))
    if points:
        yield Stroke(points, colour, 2.0, line.dashed)


def _key(panel: Panel, right: float, base: float) -> Iterator[Stroke | Words]:
    """The names of the lines beside the title, from the right; where they do not fit one below another."""
    if width := _column_width(panel):
        yield from _column(panel, right - width, base + 24)
        return
    for number, line in reversed(list(enumerate(panel.lines))):
        yield Words((right, base), line.name, "end")
        right -= LETTER * len(line.name) + 8
        yield Stroke(((right - 22, base - 4), (right, base - 4)), COLOURS[number % len(COLOURS)], 2.0, line.dashed)
        right -= 34


def _column_width(panel: Panel) -> float:
    """What the names take of the panel's width where they do not fit beside the title; else 0."""
    widths = [LETTER * len(line.name) for line in panel.lines]
    beside = sum(widths) + 42 * len(widths) + 1.3 * LETTER * len(panel.title)
    return max(widths, default=0.0) + 36 if beside > WIDTH - LEFT - RIGHT else 0.0


def _column(panel: Panel, left: float, base: float) -> Iterator[Stroke | Words]:
    """The names of the lines one below another, each behind a piece of its line."""
    for number, line in enumerate(panel.lines):
        at, colour = base + 14 * number, COLOURS[number % len(COLOURS)]
        yield Stroke(((left + 8, at - 4), (left + 28, at - 4)), colour, 2.0, line.dashed)
        yield Words((left + 34, at), line.name)
