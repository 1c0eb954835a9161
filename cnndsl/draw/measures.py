"""Sizes in points: of fonts, gaps and boxes, and of volumes where boxes are drawn to scale."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from cnndsl.draw.diagram import Card, Diagram
from cnndsl.draw.view import View
from cnndsl.record import Record
from cnndsl.volume import Volume

#: font sizes of a net's name, a box's headline, and everything else
TITLE, HEADLINE, TEXT = 16, 12, 10
#: the height of a line of text, in font sizes
LEADING = 1.12
#: margins of boxes, of frames and of the whole
MARGIN, FRAME_MARGIN, PAD = 9, 8, 12
#: the height of a frame's title
FRAME_TITLE = 14
#: what Graphviz is asked for between rows of boxes, and what it makes of that with labels on the arrows:
#: below each other, beside each other
ROW_GAP, GAP, LABEL_GAP = 11, 26, 80
#: between the boxes of a row
SIDE_GAP = 14
#: the circles where an arrow goes on in the next column
CIRCLE = 18
#: letters of a line under the title
HEADING = 100
#: the least and the largest side of a volume that is drawn to scale, and the thickness of a vector
LEAST, TALLEST, THICKEST, VECTOR = 5, 120, 60, 9


class Scale(Record):
    """What the sides of volumes are measured by: the largest extent, channels and vector of a net."""

    extent: int
    channels: int
    vector: int

    def sides(self, volume: Volume) -> tuple[int, int]:
        """How large a volume is drawn: across the flow by its extent, along it by its channels.

        Both grow with the square root, as areas do to the eye; an open extent counts as the largest.
        A vector stands across the flow, as long as it has units.
        """
        *spatial, channels = volume.extents
        if not spatial:
            return _side(channels, self.vector, TALLEST), VECTOR
        return _side(spatial[-1], self.extent, TALLEST), _side(channels, self.channels, THICKEST)


def scale_of(volumes: Iterable[Volume]) -> Scale:
    """The scale on which the largest of some volumes is as large as may be."""
    found = list(volumes)
    images = [volume.extents for volume in found if volume.rank]
    vectors = [volume.extents for volume in found if not volume.rank]
    return Scale(
        max((extents[-2] or 0 for extents in images), default=1) or 1,
        max((extents[-1] or 0 for extents in images), default=1) or 1,
        max((extents[-1] or 0 for extents in vectors), default=1) or 1,
    )


def _side(extent: int | None, largest: int, longest: int) -> int:
    return longest if extent is None else max(LEAST, round(longest * (extent / largest) ** 0.5))


def text_width(text: str, font: int) -> float:
    """About how wide a line is in Helvetica; bold headlines are wider."""
    return len(text) * font * (0.52 if font > TEXT else 0.5)


def card_size(card: Card, view: View) -> tuple[float, float]:
    """The width and height of a box, its margins and a shortcut around it included."""
    if card.family == "connector":
        return CIRCLE, CIRCLE
    if view.style == "sizes":
        return _scaled(card, view)
    lines = [(line, HEADLINE) for line in card.headline] + [(line, TEXT) for line in card.lines]
    width = max(text_width(line, font) for line, font in lines) + 2 * MARGIN
    height = max(26.0, sum(font * LEADING for _, font in lines) + 8)
    loop = 24 if card.around else 0
    return (width, height + loop) if view.horizontal else (width + loop, height)


def _scaled(card: Card, view: View) -> tuple[float, float]:
    """The room of a volume and of the words at it, the volume taken as large as may be."""
    words = [*card.short, *card.lines, str(card.volume)]
    width, height = max(text_width(line, TEXT) for line in words), len(words) * TEXT * LEADING
    loop = 24 if card.around else 0
    if view.horizontal:
        return max(width, THICKEST), height + TALLEST + loop
    return width + TALLEST + loop, max(height, THICKEST)


def heading_lines(picture: Diagram) -> list[str]:
    """The lines under the title."""
    return [line for told in picture.subtitle.splitlines() for line in wrap(told, HEADING)]


def heading_size(picture: Diagram) -> tuple[float, float]:
    """The width and height of the title and what is under it."""
    lines = heading_lines(picture)
    widths = [text_width(line, TEXT) for line in lines] + [text_width(picture.title, TITLE)]
    return max(widths), (TITLE + len(lines) * TEXT) * LEADING
