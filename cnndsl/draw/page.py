"""How much room a picture takes, estimated from its words, so that the choice of details needs no Graphviz.

A4 with margins of 10 mm is 539 x 785 points. A picture whose smallest text is 10 points can be 770 x 1121
points large for that text to be printed with 7.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from cnndsl.draw.diagram import Card, Diagram, Frame
from cnndsl.draw.measures import FRAME_MARGIN, GAP, LABEL_GAP, PAD, SIDE_GAP, card_size, heading_size
from cnndsl.draw.view import View
from cnndsl.record import Record

#: points inside the margins of 10 mm of A4
SHORT, LONG = 539.0, 785.0
#: points of the smallest text of a picture, and of what can still be read on paper
SMALLEST, READABLE = 10.0, 7.0


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
        """Whether its smallest text is 7 points or more on A4."""
        return self.scale * SMALLEST >= READABLE


def estimate(picture: Diagram, view: View) -> Size:
    """The size that a picture will have, as if every card stood as far from the start as its longest way says."""
    ranks = _ranks(picture)
    rows: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for card in picture.cards:
        rows[ranks[card.id]].append(card_size(card, view))
    across, along = (1, 0) if view.horizontal else (0, 1)
    passing = _passing(picture, ranks)
    gap = LABEL_GAP if view.horizontal and view.style == "plain" else GAP
    length = sum(max(size[along] for size in row) + gap for row in rows.values())
    depths = _depths(picture.parts)
    length += sum(FRAME_MARGIN * abs(after - before) for before, after in pairwise(depths.values()))
    breadth = max(
        sum(size[across] for size in row) + SIDE_GAP * (len(row) - 1 + passing[rank]) for rank, row in rows.items()
    )
    breadth += 2 * FRAME_MARGIN * max(depths.values(), default=0)
    title_width, title_height = heading_size(picture)
    size = (length, breadth) if view.horizontal else (breadth, length)
    return Size(max(size[0], title_width) + 2 * PAD, size[1] + title_height + 2 * PAD)


def _ranks(picture: Diagram) -> dict[str, int]:
    """For every card how many links the longest way to it has; links lead from earlier cards to later ones."""
    ranks = {card.id: 0 for card in picture.cards}
    order = {card.id: at for at, card in enumerate(picture.cards)}
    for link in sorted(picture.links, key=lambda link: order[link.head]):
        ranks[link.head] = max(ranks[link.head], ranks[link.tail] + 1)
    return ranks


def _passing(picture: Diagram, ranks: dict[str, int]) -> dict[int, int]:
    """How many links pass each row without ending there."""
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
