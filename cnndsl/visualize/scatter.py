"""Points of several classes in a plane, as a picture."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.chart.sheet import COLOURS as LINES
from cnndsl.data.decoded import pillow

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

#: those of the lines of a chart and more; then come other shapes
COLOURS = (*LINES, "#E69F00", "#56B4E9", "#1f2328", "#B8A800")
SHAPES = ("disk", "square", "triangle")
#: pixels of the plane's side, around it, for the names, of a point's radius; and how much larger it is drawn first
SIDE, MARGIN, KEY, RADIUS, SCALE = 480, 24, 130, 3.5, 3


def scatter(points: Array, labels: Array | None, names: tuple[str, ...], title: str) -> bytes:
    """A PNG file of points (N, 2) with a key of the classes. Raises CnnError (E517) without Pillow."""
    library = pillow()
    from PIL import ImageDraw, ImageFont

    classes = [] if labels is None else np.unique(labels).tolist()
    width, height = SIDE + 2 * MARGIN + KEY * bool(classes), SIDE + 2 * MARGIN
    canvas = library.new("RGB", (width * SCALE, height * SCALE), "white")
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(12 * SCALE)
    low, span = points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
    for number, (x, y) in enumerate((points - low) / span):
        place = (MARGIN + x * SIDE, MARGIN + (1 - y) * SIDE)
        _mark(pen, place, 0 if labels is None else classes.index(labels[number]))
    for row, label in enumerate(classes):
        at = (SIDE + 2 * MARGIN + 4, MARGIN + 16 + 18 * row)
        _mark(pen, at, row)
        name = names[label] if 0 <= label < len(names) else str(label)
        pen.text(((at[0] + 10) * SCALE, at[1] * SCALE), name[:18], "#1f2328", font, "lm")
    pen.text((8 * SCALE, 12 * SCALE), title, "#1f2328", font, "lm")
    made = BytesIO()
    canvas.resize((width, height), library.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _mark(pen: Any, place: tuple[float, float], number: int) -> None:
    x, y, radius = place[0] * SCALE, place[1] * SCALE, RADIUS * SCALE
    colour = COLOURS[number % len(COLOURS)]
    shape = SHAPES[number // len(COLOURS) % len(SHAPES)]
    box = (x - radius, y - radius, x + radius, y + radius)
    if shape == "disk":
        pen.ellipse(box, colour)
    elif shape == "square":
        pen.rectangle(box, colour)
    else:
        pen.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], colour)
