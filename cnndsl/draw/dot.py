"""Diagram -> DOT, Graphviz's language. The same graph gives the same bytes."""

from __future__ import annotations

import re
from html import escape as escape_html
from textwrap import wrap
from typing import TYPE_CHECKING

from cnndsl.draw.diagram import Card, Diagram, Frame, Link, diagram
from cnndsl.draw.looks import FAINT, FONT, FRAME_BORDER, FRAMES, INK, PAPER, look
from cnndsl.graph import Graph

if TYPE_CHECKING:
    from graphviz import Digraph

#: how strongly a link is kept short and straight: branches then begin side by side and hang from the top
WEIGHTS = {"next": 12, "branch": 4, "join": 2, "skip": 1}
_GAP = '<font point-size="4"> </font>'
#: what XML cannot hold, and so no SVG
_CONTROL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dot(graph: Graph) -> str:
    """The DOT text of a graph: a box a layer, a cluster a scope, the volumes on the edges.

    Edges are never orthogonal (`splines=ortho` aborts on nets of some 500 layers).
    """
    return write(diagram(graph))


def write(picture: Diagram) -> str:
    """The DOT text of a diagram."""
    from graphviz import Digraph

    text = Digraph(_plain(picture.title))
    text.attr(
        "graph", rankdir="TB", ordering="out", newrank="true", nodesep="0.3", ranksep="0.32", pad="0.2",
        fontname=FONT, fontsize="16", fontcolor=INK, bgcolor=PAPER, labelloc="t", label=_heading(picture),
        tooltip=_plain(picture.title),
    )  # fmt: skip
    text.attr(
        "node",
        fontname=FONT,
        fontsize="12",
        fontcolor=INK,
        margin="0.14,0.06",
        height="0.36",
        shape="box",
        style="filled",
        penwidth="1.2",
    )
    text.attr("edge", fontname=FONT, fontsize="10", fontcolor=FAINT, color="#444444", arrowsize="0.6")
    _parts(text, picture.parts, 0)
    for link in picture.links:
        _link(text, link)
    return str(text.source)


def _parts(text: Digraph, parts: tuple[Card | Frame, ...], depth: int) -> None:
    for part in parts:
        if isinstance(part, Card):
            _card(text, part)
            continue
        with text.subgraph(name=_plain(f"cluster_{part.id}")) as inner:
            inner.attr(
                "graph", label=_plain(part.title), tooltip=_plain(part.tooltip), id=_plain(f"scope-{part.id}"),
                style="filled,rounded", fillcolor=FRAMES[depth % len(FRAMES)], color=FRAME_BORDER,
                labeljust="l", labelloc="t", fontsize="11", fontcolor=FAINT, margin="10",
            )  # fmt: skip
            _parts(inner, part.parts, depth + 1)


def _card(text: Digraph, card: Card) -> None:
    shown = look(card.family)
    text.node(
        _plain(card.id), label=_label(card), tooltip=_plain(card.tooltip), id=_plain(f"layer-{card.id}"),
        color=shown.border, fillcolor=shown.fill, **shown.attributes,
    )  # fmt: skip


def _link(text: Digraph, link: Link) -> None:
    text.edge(
        _plain(link.tail), _plain(link.head), label=_plain(f" {link.text}") if link.text else None,
        weight=str(WEIGHTS[link.role]), edgetooltip=_plain(f"{link.tail} to {link.head}: {link.text}"),
        id=_plain(f"edge-{link.id}"),
    )  # fmt: skip


def _label(card: Card) -> str:
    """Headline lines, then the last line small: HTML-like, which has its own rules of escaping."""
    *headline, detail = card.lines if len(card.lines) > 1 else (*card.lines, "")
    rows = [f"<b>{_html(line)}</b>" for line in headline]
    rows += [_small(detail)] if detail else []
    return f"<{'<br/>'.join(rows)}>"


def _heading(picture: Diagram) -> str:
    """The net's name, and its documentation in lines that are not wider than most pictures."""
    subtitle = [line for told in picture.subtitle.splitlines() for line in wrap(told, 96)]
    rows = [f"<b>{_html(picture.title)}</b>", *([_GAP] if subtitle else []), *map(_small, subtitle)]
    return f"<{'<br/>'.join(rows)}<br/> >"


def _small(line: str) -> str:
    return f'<font point-size="10" color="{FAINT}">{_html(line)}</font>'


def _html(text: str) -> str:
    return escape_html(_CONTROL.sub("\ufffd", text), quote=False).replace('"', "&quot;")


def _plain(text: str) -> str:
    """A text that Graphviz shows as it is: its escapes, HTML and entities mean nothing."""
    return _html(text).replace("\\", "\\\\")
