"""Which blocks are opened: as asked, or as many as a printed page can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cnndsl.draw.build import Builder, Opens
from cnndsl.draw.columns import joined, splits
from cnndsl.draw.diagram import Card, Diagram, Frame
from cnndsl.draw.expanded import Expanded
from cnndsl.draw.kinds import Part
from cnndsl.draw.page import estimate, estimate_u
from cnndsl.draw.parts import groups, parts
from cnndsl.draw.rows import bent, resolutions
from cnndsl.draw.view import U, View
from cnndsl.draw.wiring import Wiring
from cnndsl.draw.words import NARROW, SUMS
from cnndsl.graph import Graph

#: more boxes than this are no picture, and may keep Graphviz busy for hours
MOST_CARDS = 1_500
#: more arrows than this between the boxes of one frame keep it busy as well
MOST_LINKS = 600


def detailed(graph: Graph, view: View) -> Diagram:
    """The diagram of a network as a view asks for it.

    With neither `depth` nor `expand`, blocks are opened as deep as can be read on A4; where that is not
    all, the first of every kind of block may still be shown with all that is in it. What is too long for a
    page stands in columns.
    """
    wiring = Wiring(graph)
    expanded = Expanded(view.expand)
    found = parts(graph, wiring, expanded)
    builder = Builder(graph, wiring, view.extras, NARROW if view.style == "sizes" else SUMS)
    jumps = resolutions(graph) if view.direction == U else None

    def arranged(opens: Opens) -> tuple[Diagram, bool]:
        picture = builder.build(found, opens)
        shaped = bent(picture, jumps) if jumps else None
        return (shaped, estimate_u(shaped, view).readable) if shaped else _in_columns(picture, view)

    if view.depth is not None or view.expand:
        return arranged(_opened(view.depth or 0, expanded))[0]
    for opens in _from_fine_to_coarse(found):
        picture, readable = arranged(opens)
        if readable and drawable(picture):
            break
    return picture


def _in_columns(picture: Diagram, view: View) -> tuple[Diagram, bool]:
    """A picture in as few columns as make it readable on A4, and whether it is; else in those that come closest."""
    best, scale = picture, 0.0
    for columns in splits(picture, view) if drawable(picture) else ():
        size = estimate(columns, view)
        if size.readable:
            return joined(columns), True
        if size.scale > scale:
            best, scale = joined(columns), size.scale
    return best, False


def drawable(picture: Diagram) -> bool:
    """Whether Graphviz can be given so much."""
    return len(picture.cards) <= MOST_CARDS and busiest(picture) <= MOST_LINKS


def limits() -> tuple[int, int]:
    """How many boxes, and how many links in one frame, are drawable."""
    return MOST_CARDS, MOST_LINKS


def busiest(picture: Diagram) -> int:
    """The most links that one frame holds between its parts."""
    around: dict[str, tuple[str, ...]] = {}
    _enclose(picture.parts, (), around)
    shared = Counter(_common(around[link.tail], around[link.head]) for link in picture.links)
    return max(shared.values(), default=0)


def _enclose(inside: Iterable[Card | Frame], frames: tuple[str, ...], around: dict[str, tuple[str, ...]]) -> None:
    for part in inside:
        if isinstance(part, Card):
            around[part.id] = frames
        else:
            _enclose(part.parts, (*frames, part.id), around)


def _common(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(a for a, b in zip(one, other) if a == b)


def _opened(depth: int, expanded: Expanded | None = None) -> Opens:
    """What lies less deep than `depth`, and what is expanded or around or in it."""
    return lambda part, level: level < depth or (expanded is not None and expanded.opens(part.path))


def _from_fine_to_coarse(found: Sequence[Part]) -> Iterator[Opens]:
    """Everything open, then less and less, each depth first with one block of every kind open."""
    levels = list(groups(found))
    deepest = max((level + 1 for level, _ in levels), default=0)
    yield _opened(deepest)
    for depth in range(deepest - 1, -1, -1):
        first: dict[str, str] = {}
        for level, part in levels:
            if level >= depth:
                first.setdefault(part.word, part.path)
        yield _shown_once(depth, frozenset(first.values()))
        yield _opened(depth)


def _shown_once(depth: int, first: frozenset[str]) -> Opens:
    return lambda part, level: level < depth or part.path in first
