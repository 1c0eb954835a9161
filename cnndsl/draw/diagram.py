"""Diagram: cards, frames and links, which is what there is to see before any drawing program."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from cnndsl.analysis.cost import Number
from cnndsl.record import Record
from cnndsl.source import Span
from cnndsl.volume import Volume


class Card(Record):
    """A box: its headline, smaller lines, and what is said when the pointer rests on it.

    `id` is the path of the first layer or of the block; `short` is what is written at a volume instead
    of the headline; `family` chooses the look; `layers` are the numbers of the layers that it stands
    for, `params` and `macs` their sums (None while one is open); `volume` is what it gives. `around`
    says that a shortcut leads around a block that is not opened. `whole` says that it is a block or a
    repeat.
    """

    id: str
    family: str
    headline: tuple[str, ...]
    short: tuple[str, ...]
    lines: tuple[str, ...]
    tooltip: str
    layers: tuple[int, ...]
    params: Number
    macs: Number
    volume: Volume
    place: Span | None = None
    around: str = ""
    whole: bool = False


class Frame(Record):
    """A box around boxes: a block, a net, a labelled pipeline, or a repeat. `id` is its path."""

    id: str
    title: str
    tooltip: str
    parts: tuple[Card | Frame, ...]
    place: Span | None = None


class Link(Record):
    """An arrow between two cards; `id` is the head's with its place among the head's arrows.

    `role` is `next` from a card to the only one that reads it, `branch` to one of several, `join`
    into a card that reads several, `skip` where both hold.
    """

    id: str
    tail: str
    head: str
    text: str
    role: str


class Diagram(Record):
    """A whole picture: a title, the text under it, what is in it in source order, and the arrows.

    `boxes` has the id of the box of every layer by its number, also of those that equal ones stand for.
    """

    title: str
    subtitle: str
    parts: tuple[Card | Frame, ...]
    links: tuple[Link, ...]
    boxes: Mapping[int, str] = {}
    #: the boxes that its columns begin with, where it has several
    columns: tuple[str, ...] = ()
    #: where it is drawn as a U, see `rows.py`: boxes that stand level from left to right, those that lie on the way
    #: up, and the lowest
    rows: tuple[tuple[str, ...], ...] = ()
    rising: frozenset[str] = frozenset()
    bottom: str = ""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """For every box the number of the outermost part that it is or is in."""
        return {card.id: place for place, part in enumerate(self.parts) for card in _cards((part,))}

    def rises(self, link: Link) -> bool:
        """Whether a link leads upward."""
        return link.head in self.rising and (link.tail in self.rising or link.tail == self.bottom)

    def level(self, link: Link) -> bool:
        """Whether a link leads across, between boxes that stand level."""
        return any({link.tail, link.head} <= set(row) for row in self.rows)

    @property
    def cards(self) -> tuple[Card, ...]:
        """All boxes, in source order."""
        return tuple(_cards(self.parts))


def _cards(parts: tuple[Card | Frame, ...]) -> list[Card]:
    found: list[Card] = []
    for part in parts:
        found += [part] if isinstance(part, Card) else _cards(part.parts)
    return found
