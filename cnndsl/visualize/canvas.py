"""Tiles side by side with words below them, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.data.decoded import pillow
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

#: pixels that the longer side of a tile is brought to at least, between tiles, and for a line of words
SIDE, GAP, LINE, SIZE = 72, 4, 15, 11
#: about how wide a letter is
LETTER = 6
PAPER, INK = 255, "#1f2328"


class Tile(Record):
    """Bytes (H, W, 3), and what stands below them."""

    pixels: Array
    caption: str = ""


class Picture(Record):
    """Bytes (H, W, 3), and words with the left end of their top."""

    pixels: Array
    words: tuple[tuple[int, int, str], ...] = ()

    def png(self) -> bytes:
        """A PNG file. Raises CnnError (E517) without Pillow."""
        library = pillow()
        from PIL import ImageDraw, ImageFont

        canvas = library.fromarray(np.ascontiguousarray(self.pixels))
        pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(SIZE)
        for x, y, text in self.words:
            pen.text((x, y), text, INK, font)
        made = BytesIO()
        canvas.save(made, "PNG", optimize=True)
        return made.getvalue()


def sheet(rows: Sequence[Sequence[Tile]], heads: Sequence[str] = (), side: int = SIDE) -> Picture:
    """Rows of tiles, each enlarged by whole numbers to about `side`, with heads above the columns."""
    scaled = [[_enlarged(tile, side) for tile in row] for row in rows]
    columns = max(map(len, scaled))
    widths = [max(_width(row[number]) for row in scaled if number < len(row)) for number in range(columns)]
    widths = [max(width, LETTER * len(head)) for width, head in zip(widths, [*heads, *[""] * columns])]
    heights = [max(tile.pixels.shape[0] for tile in row) + LINE * any(tile.caption for tile in row) for row in scaled]
    top = GAP + LINE * bool(heads)
    canvas = np.full((top + sum(heights) + GAP * len(rows), GAP + sum(widths) + GAP * columns, 3), PAPER, np.uint8)
    lefts = [GAP + sum(widths[:number]) + GAP * number for number in range(columns)]
    words = [(left, 2, head) for left, head in zip(lefts, heads)]
    for row, height in zip(scaled, heights, strict=True):
        for left, tile in zip(lefts, row):
            high, wide = tile.pixels.shape[:2]
            canvas[top : top + high, left : left + wide] = tile.pixels
            words += [(left, top + high + 1, tile.caption)] if tile.caption else []
        top += height + GAP
    return Picture(canvas, tuple(words))


def block(tiles: Sequence[Tile], columns: int = 0, side: int = SIDE) -> Picture:
    """Tiles in reading order, so many abreast, or about as many as there are rows."""
    abreast = columns or max(1, round(len(tiles) ** 0.5 + 0.49))
    return sheet([tiles[start : start + abreast] for start in range(0, len(tiles), abreast)], side=side)


def _enlarged(tile: Tile, side: int) -> Tile:
    factor = max(1, round(side / max(tile.pixels.shape[:2])))
    return tile.replace(pixels=tile.pixels.repeat(factor, axis=0).repeat(factor, axis=1))


def _width(tile: Tile) -> int:
    return max(int(tile.pixels.shape[1]), LETTER * len(tile.caption))
