"""A contact sheet: some examples of each class side by side, as a PNG file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.decoded import pillow
from cnndsl.data.examples import Examples
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.images import SheetImpossible
from cnndsl.errors.usage import NotWritten
from cnndsl.replaced import replaced

if TYPE_CHECKING:
    from cnndsl.data.examples import Array
    from cnndsl.data.part import Part

#: examples of a class, classes, pixels of an example's longer side, between two, and for the class's name
COLUMNS, CLASSES, SIDE, GAP, NAME = 12, 20, 56, 2, 96


def sheet(part: Part, path: str | Path) -> None:
    """Writes a row of examples for each class (the first 20), its name before them; without classes a block of them.

    Values are brought from their range to black and white. Raises CnnError (E058, E517, E557).
    """
    library = pillow()
    if not isinstance(part, Examples) or len(part.shape) != 3 or Path(path).suffix.lower() != ".png":
        reason = "its examples are no images that can be read by number"
        if Path(path).suffix.lower() != ".png":
            reason = f"`{path}` does not end in .png"
        raise SheetImpossible(NOWHERE, part.name, reason).error()
    canvas = _drawn(library, _rows(part), part)
    try:
        with replaced(Path(path)) as beside:
            canvas.save(beside, format="PNG")
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure


def _rows(part: Examples) -> list[tuple[str, Array]]:
    """The numbers of the examples of each row, evenly spread over their class, and what stands before them."""
    if part.y.ndim != 1 or part.y.dtype.kind not in "iu":
        spread = np.linspace(0, len(part) - 1, min(len(part), COLUMNS * COLUMNS)).astype(np.int64)
        return [("", spread[start : start + COLUMNS]) for start in range(0, len(spread), COLUMNS)]
    rows = []
    for label in np.unique(part.y)[:CLASSES].tolist():
        there = np.flatnonzero(part.y == label)
        places = np.linspace(0, len(there) - 1, min(len(there), COLUMNS)).astype(np.int64)
        rows.append((part.class_names[label] if label < len(part.class_names) else str(label), there[places]))
    return rows


def _drawn(library: Any, rows: list[tuple[str, Array]], part: Examples) -> Any:
    from PIL import ImageDraw

    height, width, _ = part.shape
    down, across = _side(height, width), _side(width, height)
    left = NAME if any(name for name, _ in rows) else 0
    size = (left + COLUMNS * (across + GAP) + GAP, len(rows) * (down + GAP) + GAP)
    canvas = library.new("RGB", size, "white")
    pen = ImageDraw.Draw(canvas)
    for row, (name, numbers) in enumerate(rows):
        top = GAP + row * (down + GAP)
        pen.text((GAP + 2, top + down // 2 - 6), name[:14], fill="black")
        for column, shown in enumerate(pixels(part.take(numbers).x)):
            image = library.fromarray(shown).resize((across, down), library.Resampling.BOX)
            canvas.paste(image, (left + GAP + column * (across + GAP), top))
    return canvas


def _side(side: int, other: int) -> int:
    return max(1, round(SIDE * side / max(side, other)))


def pixels(x: Array) -> Array:
    """Bytes of three channels: values in 0..1 as they are, others from their least to their greatest."""
    if not len(x):
        return x
    low, high = min(0.0, float(x.min())), max(1.0, float(x.max()))
    scaled = np.rint((x - low) * (255 / (high - low))).astype(np.uint8)
    colours = 3 if x.shape[-1] >= 3 else 1
    return np.ascontiguousarray(np.broadcast_to(scaled[..., :colours], (*x.shape[:3], 3)))
