"""Where a renderer puts the texts of a picture, read from its own drawing operations."""

from __future__ import annotations

import json
from itertools import combinations

from cnndsl.draw.picture import Picture
from cnndsl.draw.renderers import find


class Text:
    """A line of text: its box in points, origin at the lower left, and its font size."""

    def __init__(self, words: str, font: float, centre: float, base: float, width: float, align: str) -> None:
        self.words, self.font = words, font
        self.left = centre - {"l": 0.0, "c": width / 2, "r": width}[align]
        self.right = self.left + width
        self.low, self.high = base - 0.2 * font, base + 0.7 * font

    def overlaps(self, other: Text) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 1 and min(self.high, other.high) - max(self.low, other.low) > 1

    def __repr__(self) -> str:
        return f"{self.words!r} at {self.left:.0f}..{self.right:.0f}, {self.low:.0f}..{self.high:.0f}"


class Layout:
    """A picture as laid out: its width and height in points, and its texts."""

    def __init__(self, dot: str) -> None:
        renderer = find()
        assert renderer is not None
        found = json.loads(Picture(dot, "json").render(renderer, 60))
        left, low, right, high = map(float, found["bb"].split(","))
        pad = 2 * 72 * float(found.get("pad", "0"))
        self.width, self.height = right - left + pad, high - low + pad
        self.texts = [text for item in _drawn(found) for text in _texts(item)]

    @property
    def smallest_on_a4(self) -> float:
        """The smallest font's points when the whole is scaled to A4 with margins of 10 mm, upright or on its side."""
        short, long = (210 - 20) / 25.4 * 72, (297 - 20) / 25.4 * 72
        fits = max(min(short / self.width, long / self.height), min(long / self.width, short / self.height))
        return min(1.0, fits) * min(text.font for text in self.texts if text.words.strip())

    def overlaps(self) -> list[tuple[Text, Text]]:
        shown = [text for text in self.texts if text.words.strip()]
        return [(one, other) for one, other in combinations(shown, 2) if one.overlaps(other)]


def _drawn(found):
    yield found
    yield from found.get("objects", ())
    yield from found.get("edges", ())


def _texts(item):
    font = 14.0
    for operation in item.get("_ldraw_", ()):
        if operation["op"] == "F":
            font = operation["size"]
        elif operation["op"] == "T":
            x, y = operation["pt"]
            yield Text(operation["text"], font, x, y, operation["width"], operation["align"])
