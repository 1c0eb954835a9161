"""How much room a picture takes, estimated from its words, so that the choice of details needs no Graphviz.

A4 with margins of 10 mm is 539 x 785 points. A picture whose smallest text is 10 points can be 770 x 1121
points large for that text to be printed with 7.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from cnndsl.draw.diagram import Card, Diagram, Frame
from cnndsl.draw.measures import (
    FRAME_MARGIN,
    FRAME_TITLE,
    GAP,
    LABEL_GAP,
    PAD,
    SIDE_GAP,
    TEXT,
    card_size,
    heading_size,
    text_width,
)
from cnndsl.draw.rows import levels
from cnndsl.draw.view import View
from cnndsl.record import Record

#: points inside the margins of 10 mm of A4
SHORT, LONG = 539.0, 785.0
#: points of the smallest text of a picture, and, 7 points being the goal, of what an estimate has to come to:
#: it is rather too large than too small
SMALLEST, READABLE = 10.0, 6.8


class Size(Record):
    """The width and height of a picture in points."""

    width: float
    height: float

    @property
    def scale(self) -> float:
        """How much smaller it is printed on A4, upright or on its side; 1 where it fits."""
        upright = min(SHORT / self.width, LONG / self.height)
        aside = min(LONG / self.width, SHORT / self.height)
        return min(1.0, max(upright, aside))

    @property
    def readable(self) -> bool:
        """Whether its smallest text is about 7 points or more on A4."""
        return self.scale * SMALLEST >= READABLE


def estimate(columns: Sequence[Diagram], view: View) -> Size:
    """The size of a picture in columns, as if every card stood as far from the start as its longest way says."""
    lengths: dict[int, float] = defaultdict(float)
    for column in columns:
        for rank, length in _lengths(column, view, _ranks(column)).items():
            lengths[rank] = max(lengths[rank], length)
    length = sum(lengths.values())
    breadth = sum(_breadth(column, view) for column in columns) + SIDE_GAP * (len(columns) - 1)
    title_width, title_height = heading_size(columns[0])
    width, height = (length, breadth) if view.horizontal else (breadth, length)
    return Size(max(width, title_width) + 2 * PAD, height + title_height + 2 * PAD)


def estimate_u(picture: Diagram, view: View) -> Size:
    """The size of a picture that is a U: the way down, what lies between, the way up, with the labels between them."""
    ranks = levels(picture)
    across = {card for row in picture.rows for card in row[1:]} - picture.rising
    parts: dict[int, float] = defaultdict(float)
    for card in picture.cards:
        part = 2 if card.id in picture.rising else 1 if card.id in across else 0
        parts[part] = max(parts[part], card_size(card, view)[0])
    margins = 2 * FRAME_MARGIN * max(_depths(picture.parts).values())
    width = sum(parts.values()) + (LABEL_GAP + margins) * (len(parts) - 1)
    height = sum(_lengths(picture, view, ranks).values())
    title_width, title_height = heading_size(picture)
    return Size(max(width, title_width) + 2 * PAD, height + title_height + 2 * PAD)


def reached(picture: Diagram, view: View) -> list[float]:
    """How far from the start a picture has come before each of its outermost parts, and at its end."""
    ranks = _ranks(picture)
    lengths = _lengths(picture, view, ranks)
    ends = [0] * (len(picture.parts) + 1)
    for card, place in picture.places.items():
        ends[place + 1] = max(ends[place + 1], ranks[card] + 1)
    along = [0.0, *accumulate(lengths[rank] for rank in range(max(lengths) + 1))]
    return [along[end] for end in accumulate(ends, max)]


def _breadth(picture: Diagram, view: View) -> float:
    """How broad a column is across the flow."""
    ranks, passing = _ranks(picture), _passing(picture)
    breadths: dict[int, float] = defaultdict(float)
    for card in picture.cards:
        breadths[ranks[card.id]] += card_size(card, view)[1 if view.horizontal else 0] + SIDE_GAP
    widest = max(breadth + SIDE_GAP * (passing[rank] - 1) for rank, breadth in breadths.items())
    titles = 0.0 if view.horizontal else max(_titles(picture.parts), default=0.0)
    return max(widest, titles) + 2 * FRAME_MARGIN * max(_depths(picture.parts).values())


def _titles(parts: tuple[Card | Frame, ...]) -> Iterator[float]:
    """How broad the frames are at least, for their titles and the room beside them."""
    for part in parts:
        if isinstance(part, Frame):
            yield 2 * text_width(part.title, TEXT)
            yield from _titles(part.parts)


def _lengths(picture: Diagram, view: View, ranks: Mapping[str, int]) -> dict[int, float]:
    """The length along the flow of each row of boxes, with the gap behind it and the edges of frames."""
    gap = LABEL_GAP if view.horizontal and view.style == "plain" else GAP
    edge = FRAME_MARGIN if view.horizontal else FRAME_MARGIN + FRAME_TITLE / 2
    lengths: dict[int, float] = defaultdict(float)
    edges = _edges(picture.parts)
    for card in picture.cards:
        length = card_size(card, view)[0 if view.horizontal else 1] + gap + edge * edges[card.id]
        lengths[ranks[card.id]] = max(lengths[ranks[card.id]], length)
    return lengths


def _edges(parts: tuple[Card | Frame, ...]) -> Counter[str]:
    """How many frames begin before each card or end behind it."""
    found: Counter[str] = Counter()
    for part in parts:
        if isinstance(part, Card):
            continue
        inner = _cards_of(part)
        found.update([inner[0], inner[-1]])
        found.update(_edges(part.parts))
    return found


def _cards_of(part: Card | Frame) -> list[str]:
    return [part.id] if isinstance(part, Card) else [card for inner in part.parts for card in _cards_of(inner)]


def _ranks(picture: Diagram) -> dict[str, int]:
    """For every card how many links the longest way to it has; links lead from earlier cards to later ones."""
    ranks = {card.id: 0 for card in picture.cards}
    order = {card.id: at for at, card in enumerate(picture.cards)}
    for link in sorted(picture.links, key=lambda link: order[link.head]):
        ranks[link.head] = max(ranks[link.head], ranks[link.tail] + 1)
    return ranks


def _passing(picture: Diagram) -> dict[int, int]:
    """How many links pass each row without ending there."""
    ranks = _ranks(picture)
    passing: dict[int, int] = defaultdict(int)
    for link in picture.links:
        for rank in range(ranks[link.tail] + 1, ranks[link.head]):
            passing[rank] += 1
    return passing


def _depths(parts: tuple[Card | Frame, ...], depth: int = 0) -> dict[str, int]:
    """How many frames are around each card, in source order."""
    found: dict[str, int] = {}
    for part in parts:
        found |= {part.id: depth} if isinstance(part, Card) else _depths(part.parts, depth + 1)
    return found
