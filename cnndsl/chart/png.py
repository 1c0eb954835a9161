"""A sheet as PNG, drawn by Pillow at four times its size and made smaller, so that lines are smooth."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from math import dist
from typing import Any

from cnndsl.chart.panel import Point
from cnndsl.chart.sheet import FAINT, INK, Sheet, Stroke, Words

DENSE, SCALE = 2, 4  # pixels of the picture for one of the sheet; and of the canvas
PAPER, SHADES = "#ffffff", {INK: "#1f2328", FAINT: "#d0d7de"}
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
DASH, GAP = 5.0, 4.0


def printed(sheet: Sheet) -> bytes:
    """The file. The caller has seen to it that Pillow is there."""
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (sheet.width * SCALE, sheet.height * SCALE), PAPER)
    pen = ImageDraw.Draw(canvas)
    for mark in sheet.marks:
        _stroke(pen, mark) if isinstance(mark, Stroke) else _words(pen, mark)
    made = BytesIO()
    canvas.resize((sheet.width * DENSE, sheet.height * DENSE), Image.Resampling.LANCZOS).save(
        made, "PNG", optimize=True
    )
    return made.getvalue()


def _stroke(pen: Any, stroke: Stroke) -> None:
    colour = SHADES.get(stroke.colour, stroke.colour)
    for run in _dashes(stroke.points) if stroke.dashed else [stroke.points]:
        pen.line([(x * SCALE, y * SCALE) for x, y in run], colour, round(stroke.width * SCALE), "curve")


def _dashes(points: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    """The pieces of a line that are drawn when it is dashed; a dash may go round a corner in two pieces."""
    gone = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        length, at = dist((x0, y0), (x1, y1)), 0.0
        while at < length:
            phase = (gone + at) % (DASH + GAP)
            end = min(length, at + (DASH if phase < DASH else DASH + GAP) - phase)
            if phase < DASH:
                first, last = (((x0 + (x1 - x0) * t), (y0 + (y1 - y0) * t)) for t in (at / length, end / length))
                yield first, last
            at = max(end, at + 1e-6)
        gone += length


def _words(pen: Any, words: Words) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(words.size * SCALE)
    x, y = words.at
    thick = SCALE // 4 if words.bold else 0
    place = (x * SCALE, y * SCALE)
    pen.text(place, words.text, SHADES[INK], font, ANCHORS[words.anchor], stroke_width=thick)
