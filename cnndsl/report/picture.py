"""The diagram for the page: Graphviz's SVG with its looks moved into a style sheet, for two colour schemes.

A picture from `cnndsl.draw` repeats fonts and colours on every element and names 500 places to a hundredth of a
point. Here each look becomes a class and coordinates are rounded. The box 12 is the group `c12`, the arrow 3 is `e3`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree

from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.draw import complete, picture
from cnndsl.draw.detail import detailed, drawable
from cnndsl.draw.diagram import Diagram
from cnndsl.draw.view import View
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.reports import NoDiagram
from cnndsl.graph import Graph
from cnndsl.record import Record
from cnndsl.report.colours import darkened
from cnndsl.report.strokes import closed, relative, tenth
from cnndsl.report.table import Once

SVG = "{http://www.w3.org/2000/svg}"
#: attributes that say how something looks, and not where it is
LOOKS = ("fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "font-style", "text-anchor")
#: elements that draw, and groups; whatever else is in a picture (scripts, links, styles) stays out
DRAWN = ("g", "path", "polygon", "polyline", "ellipse", "circle", "rect", "line", "text", "tspan")
PLACED = ("d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height")
#: how deep blocks are opened: all of them, as the page can be zoomed; equal ones stay folded
DEPTH = 200
_NUMBER = re.compile(r"-?\d+\.\d+")


class Drawn(Record):
    """The picture as an SVG element and the rules of its classes, or the message that says why there is none.

    `boxes` is the number of the box of every layer (-1 for one that is in none), `links` the boxes that each arrow
    joins.
    """

    svg: str = ""
    style: str = ""
    problem: Diagnostic | None = None
    boxes: tuple[int, ...] = ()
    links: tuple[tuple[int, int], ...] = ()


def drawn(graph: Graph) -> Drawn:
    """The diagram of a graph. Without Graphviz, or where it cannot lay it out, `problem` says so."""
    opened = detailed(graph, complete(graph, View(depth=DEPTH)))
    depth = DEPTH if drawable(opened) else None
    try:
        found = picture(graph, depth=depth)
    except CnnError as error:
        return Drawn(problem=error.diagnostics[0])
    if found is None:
        return Drawn(problem=NoDiagram(NOWHERE).diagnostic())
    shown = opened if depth else detailed(graph, complete(graph, View()))
    numbers = {card.id: number for number, card in enumerate(shown.cards)}
    links = tuple((numbers[link.tail], numbers[link.head]) for link in shown.links)
    boxes = tuple(numbers[shown.boxes[node.number]] if node.number in shown.boxes else -1 for node in graph)
    return slim(found.decode(), ids(shown)).replace(boxes=boxes, links=links)


def ids(shown: Diagram) -> dict[str, str]:
    """Short names for the ids that `cnndsl.draw` gives to boxes and arrows."""
    cards = {f"{'scope' if card.whole else 'layer'}-{card.id}": f"c{n}" for n, card in enumerate(shown.cards)}
    return cards | {f"edge-{link.id}": f"e{number}" for number, link in enumerate(shown.links)}


def slim(text: str, names: Mapping[str, str]) -> Drawn:
    """An SVG of Graphviz's without its header, links and titles, its looks as classes; `names` are ids for others."""
    whole = ElementTree.fromstring(text)
    looks = Once()
    body = "".join(_element(child, names, looks) for child in whole)
    box = " ".join(tenth(float(number)) for number in whole.get("viewBox", "0 0 100 100").split())
    rules = "".join(_rules(number, dict(look)) for number, look in enumerate(looks.items()))
    return Drawn(f'<svg viewBox="{box}" role="img" aria-label="diagram">{body}</svg>', rules)


def _element(element: ElementTree.Element, names: Mapping[str, str], looks: Once) -> str:
    """An element as it is written down again; a link, and a group that nothing is said of, is its content."""
    tag = element.tag.removeprefix(SVG) if isinstance(element.tag, str) else ""
    inner = "".join(_element(child, names, looks) for child in element)
    if tag != "a" and tag not in DRAWN:
        return ""
    attributes = {name: _placed(name, element.get(name, "")) for name in PLACED if element.get(name)}
    if tag == "polygon":
        tag, attributes = "path", {"d": closed(element.get("points", "0,0"))}
    if tag == "g":
        attributes["id"] = names.get(element.get("id", ""), "")
        attributes["transform"] = _moved(element.get("transform", ""))
    look = tuple((name, element.get(name, "")) for name in LOOKS if element.get(name))
    attributes["class"] = f"d{looks.number(look)}" if look else "graph" if attributes.get("transform") else ""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    content = escape((element.text or "").strip("\n")) + inner if tag in ("text", "tspan") else inner
    if tag == "a" or (tag == "g" and not written):
        return content
    if not content.strip():
        return "" if tag in ("g", "text", "tspan") else f"<{tag}{written}/>"
    return f"<{tag}{written}>{content}</{tag}>"


def _moved(transform: str) -> str:
    """The shift of the whole picture: Graphviz writes it behind a scale of 1 and a rotation by 0."""
    found = re.search(r"translate\([^)]*\)|rotate\(-?\d*\.?\d+[ ,][^)]*\)", transform)
    return found[0] if found else ""


def _placed(name: str, value: str) -> str:
    """A place, rounded to a tenth of a point."""
    return relative(value) if name == "d" else _NUMBER.sub(lambda number: tenth(float(number[0])), value)


def _rules(number: int, look: Mapping[str, str]) -> str:
    """The rule of a class, and what is different of it where the page is dark."""
    dark = {name: darkened(look[name]) for name in ("fill", "stroke") if look.get(name, "").startswith("#")}
    light = ";".join(f"{name}:{_value(name, value)}" for name, value in look.items())
    turned = ";".join(f"{name}:{value}" for name, value in dark.items())
    return f".d{number}{{{light}}}\n" + (f".dark .d{number}{{{turned}}}\n" if turned else "")


def _value(name: str, value: str) -> str:
    """A value that is safe in a style sheet: words, numbers and colours."""
    safe = value if re.fullmatch(r"[#\w.,% -]*", value) else "inherit"
    return f"{safe}px" if name == "font-size" and safe.replace(".", "").isdigit() else safe
