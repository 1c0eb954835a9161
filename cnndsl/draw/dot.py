"""Diagram -> DOT, Graphviz's language. The same diagram gives the same bytes.

Edges are never orthogonal (`splines=ortho` aborts on nets of some 500 layers).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from cnndsl.draw import labels
from cnndsl.draw.diagram import Card, Diagram, Frame, Link
from cnndsl.draw.escape import plain
from cnndsl.draw.looks import DARK, FONT, LIGHT, Theme
from cnndsl.draw.measures import FRAME_MARGIN, HEADLINE, MARGIN, PAD, ROW_GAP, SIDE_GAP, TEXT, TITLE, scale_of
from cnndsl.draw.view import View
from cnndsl.source import Span

if TYPE_CHECKING:
    from graphviz import Digraph

#: how strongly a link is kept short and straight: branches then begin side by side and hang from the top
WEIGHTS = {"next": 12, "branch": 4, "join": 2, "skip": 1}
#: the same for a link up or down in a U, and for one across
UPRIGHT, ACROSS = 100, 1
#: Graphviz measures in inches
INCH = 72
#: where a place in the source is found, "" where nothing leads to it
Address = Callable[[Span | None], str]


def nowhere(_: Span | None) -> str:
    """The address of places that cannot be reached."""
    return ""


def write(picture: Diagram, view: View, address: Address = nowhere) -> str:
    """The DOT text of a diagram."""
    from graphviz import Digraph

    text = Digraph(plain(picture.title))
    _Writer(text, view, address, picture).whole()
    return str(text.source)


class _Writer:
    def __init__(self, text: Digraph, view: View, address: Address, picture: Diagram) -> None:
        self.text, self.view, self.address, self.picture = text, view, address, picture
        self.theme: Theme = DARK if view.dark else LIGHT
        self.scale = scale_of(card.volume for card in picture.cards) if view.style == "sizes" else None
        self.drawn = {card.id for card in picture.cards if card.family != "connector"} if self.scale else set()

    def whole(self) -> None:
        picture = self.picture
        theme = self.theme
        ordering = {} if picture.rising else {"ordering": "out"}
        self.text.attr(
            "graph", rankdir="LR" if self.view.direction == "lr" else "TB", newrank="true", **ordering,
            nodesep=_inches(SIDE_GAP),
            ranksep=_inches(ROW_GAP), pad=_inches(PAD), fontname=FONT, fontsize=str(TITLE), fontcolor=theme.ink,
            bgcolor=theme.paper, labelloc="t", label=labels.heading(picture, theme), tooltip=plain(picture.title),
        )  # fmt: skip
        self.text.attr(
            "node", fontname=FONT, fontsize=str(HEADLINE), fontcolor=theme.ink,
            margin=f"{_inches(MARGIN)},{_inches(4)}", height="0.34", shape="box", style="filled", penwidth="1.2",
        )  # fmt: skip
        self.text.attr(
            "edge", fontname=FONT, fontsize=str(TEXT), fontcolor=theme.faint, color=theme.arrow, arrowsize="0.6",
        )  # fmt: skip
        self.parts(self.text, picture.parts, 0)
        for link in picture.links:
            self.link(link)
        if picture.columns:
            self.columns(picture.columns)
        self.rows(picture.rows)

    def parts(self, text: Digraph, parts: tuple[Card | Frame, ...], depth: int) -> None:
        bent = bool(self.picture.rising)  # links to the right make frames wider there
        for part in parts:
            if isinstance(part, Card):
                self.card(text, part)
                continue
            with text.subgraph(name=plain(f"cluster_{part.id}")) as inner:
                inner.attr(
                    "graph", label=labels.frame(part, self.view.horizontal, bent), tooltip=plain(part.tooltip),
                    id=plain(f"scope-{part.id}"),
                    style="filled,rounded", fillcolor=self.theme.frames[depth % len(self.theme.frames)],
                    color=self.theme.frame_border, labeljust="r" if bent else "l", labelloc="t", fontsize=str(TEXT),
                    fontcolor=self.theme.faint, margin=str(FRAME_MARGIN),
                    URL=self.href(part.place, f"scope-{part.id}"),
                )  # fmt: skip
                self.parts(inner, part.parts, depth + 1)

    def card(self, text: Digraph, card: Card) -> None:
        look = self.theme.look(card.family)
        own = f"{'scope' if card.whole else 'layer'}-{card.id}"
        common = dict(
            id=plain(own), tooltip=plain(card.tooltip), URL=self.href(card.place, own), **{"class": plain(card.family)}
        )
        if self.scale and card.family != "connector":
            label = labels.volume(card, look, self.theme, self.scale, self.view.horizontal)
            text.node(plain(card.id), label=label, shape="plain", style="", **common)
        else:
            attributes = {"color": look.border, "fillcolor": look.fill, **look.attributes}
            text.node(plain(card.id), label=labels.box(card, self.theme), **common, **attributes)
        if card.around:
            self.around(card)

    def around(self, card: Card) -> None:
        """A shortcut around a block, from its beginning to its end."""
        start, end = ("w", "e") if self.view.horizontal else ("n", "s")
        port = "box:" if self.scale else ""
        self.text.edge(
            plain(card.id), plain(card.id), tailport=port + start, headport=port + end, style="dashed",
            color=self.theme.skip, edgetooltip=plain(card.around), id=plain(f"edge-{card.id}-around"),
        )  # fmt: skip

    def columns(self, heads: tuple[str, ...]) -> None:
        """Columns begin side by side, from the first to the last."""
        with self.text.subgraph() as row:
            row.attr(rank="same")
            for one, other in pairwise(heads):
                row.edge(plain(one), plain(other), style="invis")

    def rows(self, rows: tuple[tuple[str, ...], ...]) -> None:
        """The boxes of a row stand level."""
        for boxes in rows:
            with self.text.subgraph() as row:
                row.attr(rank="same")
                for card in boxes:
                    row.node(plain(card))

    def link(self, link: Link) -> None:
        skip = {"color": self.theme.skip, "penwidth": "1.5"} if link.role == "skip" else {}
        shown = link.text if link.text and not self.scale else ""
        leaves, reaches = self.sides(link)
        ports = {"tailport": leaves or None, "headport": reaches or None}
        common = dict(
            label=plain(f" {shown}") if shown else None, weight=str(self.weight(link)),
            edgetooltip=plain(f"{link.tail} to {link.head}: {link.text}"), id=plain(f"edge-{link.id}"), **skip,
        )  # fmt: skip
        if self.picture.rises(link):  # written from above, to be laid out from above, with its arrow at the beginning
            turned = {"tailport": ports["headport"], "headport": ports["tailport"], "dir": "back"}
            self.text.edge(plain(link.head), plain(link.tail), **common, **turned)
        else:
            self.text.edge(plain(link.tail), plain(link.head), **common, **ports)

    def weight(self, link: Link) -> int:
        """How straight a link is kept: up and down in a U more than anything."""
        if self.picture.rising:
            return ACROSS if self.picture.level(link) else UPRIGHT
        return WEIGHTS[link.role]

    def sides(self, link: Link) -> tuple[str, str]:
        """Where a link leaves its tail and reaches its head; "" for wherever it is best.

        Links between volumes lead from box to box, past the words beside them.
        """
        if not self.scale or self.picture.level(link):
            return "", ""
        leaves, reaches = ("e", "w") if self.view.horizontal else ("s", "n")
        if self.picture.rises(link):
            leaves, reaches = reaches, leaves
        return self.side(link.tail, leaves), self.side(link.head, reaches)

    def side(self, card: str, side: str) -> str:
        """A side of the volume in a box."""
        return f"box:{side}" if card in self.drawn else ""

    def href(self, place: Span | None, own: str) -> str:
        """Where a link leads: to the source, else to the element itself."""
        return plain(self.address(place) or f"#{own}")


def _inches(points: float) -> str:
    return f"{points / INCH:.3g}"
