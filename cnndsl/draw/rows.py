"""A net that goes down to a coarse view and up again, drawn as a U: down on the left, up on the right.

It is known by a link between equal resolutions over layers of a coarser one, as in O. Ronneberger et al.: U-Net:
convolutional networks for biomedical image segmentation, 2015. Such links lie level, so that equal resolutions are
as high as each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from cnndsl.draw.diagram import Diagram, Link
from cnndsl.draw.wiring import Wiring
from cnndsl.graph import Graph, Node
from cnndsl.volume import Volume


def resolutions(graph: Graph) -> Mapping[int, Fraction] | None:
    """For every layer how many cells of the input lie from one position to the next, if the net is to be drawn as a U.

    A layer that has no positions of its own has what its input has.
    """
    if not any(map(_enlarges, graph, map(graph.feeds, graph))):
        return None
    from cnndsl.analysis.receptive_field import receptive_field

    jumps: dict[int, Fraction] = {}
    for node, field in zip(graph, receptive_field(graph), strict=True):
        own = field.axes[0].jump if field.axes else None
        before = jumps[node.inputs[0]] if node.inputs else Fraction(1)
        jumps[node.number] = own if own is not None else before
    return jumps if _dips(Wiring(graph), jumps) else None


def bent(picture: Diagram, jumps: Mapping[int, Fraction]) -> Diagram | None:
    """The picture as a U: which boxes rise, which stand level.

    None where nothing follows its coarsest box, or where a link from the way down to the way up cannot lie level.
    """
    of = _jumps(picture, jumps)
    coarsest = max(of.values())
    bottom = [card for card in of if of[card] == coarsest][-1]
    rising = _reached({bottom}, ((link.tail, link.head) for link in picture.links)) - {bottom}
    down = _reached({bottom}, ((link.head, link.tail) for link in picture.links))
    shaped = picture.replace(rows=_rows(picture, of, rising, down), rising=frozenset(rising), bottom=bottom)
    across = (link for link in picture.links if link.head in rising and not shaped.rises(link))
    return shaped if rising and all(map(shaped.level, across)) and levels(shaped) else None


def levels(picture: Diagram) -> Mapping[str, int]:
    """How many boxes of a U are above each, at least; empty if it cannot be laid out so."""
    group = {card.id: card.id for card in picture.cards}
    group |= {card: row[0] for row in picture.rows for card in row}
    below: dict[str, set[str]] = defaultdict(set)
    for link in picture.links:
        upper, lower = (link.head, link.tail) if picture.rises(link) else (link.tail, link.head)
        if group[upper] != group[lower] and not picture.level(link):
            below[group[upper]].add(group[lower])
    found = _longest(dict.fromkeys(group.values()), below)
    return {card: found[group[card]] for card in group} if found else {}


def _longest(boxes: Iterable[str], below: Mapping[str, set[str]]) -> Mapping[str, int]:
    """The length of the longest way down to each box; empty if there is a way around."""
    above = {box: sum(box in lower for lower in below.values()) for box in boxes}
    found = {box: 0 for box, many in above.items() if not many}
    ready = list(found)
    for box in ready:
        for lower in sorted(below.get(box, ())):
            found[lower] = max(found.get(lower, 0), found[box] + 1)
            above[lower] -= 1
            if not above[lower]:
                ready.append(lower)
    return found if len(ready) == len(above) else {}


def _jumps(picture: Diagram, jumps: Mapping[int, Fraction]) -> dict[str, Fraction]:
    """The resolution of every box, that of its last layer; an output's is that of its layer."""
    of = {card.id: jumps[card.layers[-1]] for card in picture.cards if card.layers}
    return of | {link.head: of[link.tail] for link in picture.links if link.head not in of}


def _reached(start: set[str], links: Iterable[tuple[str, str]]) -> set[str]:
    """The boxes that can be come to from some, and these."""
    after: dict[str, list[str]] = defaultdict(list)
    for tail, head in links:
        after[tail].append(head)
    found, todo = set(start), list(start)
    while todo:
        new = [head for head in after[todo.pop()] if head not in found]
        found.update(new)
        todo += new
    return found


def _rows(
    picture: Diagram, of: Mapping[str, Fraction], rising: set[str], down: set[str]
) -> tuple[tuple[str, ...], ...]:
    """The boxes that stand level: from one on the way down, over what lies between, to one on the way up."""
    feeds: dict[str, list[Link]] = defaultdict(list)
    for link in picture.links:
        feeds[link.head].append(link)
    rows: list[tuple[str, ...]] = []
    for link in picture.links:
        if link.head not in rising or link.tail in rising or link.tail == picture.bottom:
            continue
        row = [link.head, link.tail]
        while row[-1] not in down and len(feeds[row[-1]]) == 1:
            row.append(feeds[row[-1]][0].tail)
        known = {card for other in rows for card in other}
        if row[-1] in down and of[row[-1]] == of[row[0]] and not known.intersection(row):
            rows.append(tuple(reversed(row)))
    return tuple(rows)


def _enlarges(node: Node, feeds: tuple[Volume, ...]) -> bool:
    """Whether it may be finer than what it is given: only then is it worth while to look at the whole net."""
    (*own, _), given = node.volume.extents, [volume.extents[:-1] for volume in feeds]
    return any((large or 0) > (small or 0) > 0 for extents in given for large, small in zip(own, extents))


def _dips(wiring: Wiring, jumps: Mapping[int, Fraction]) -> bool:
    """Whether a link leads over layers of a coarser resolution, from one place to another of the same."""
    coarser: list[tuple[Fraction, int]] = []
    for number, feeds in wiring.feeds.items():
        while coarser and coarser[-1][0] <= jumps[number]:
            coarser.pop()
        coarser.append((jumps[number], number))
        since = coarser[-2][1] if len(coarser) > 1 else -1
        if any(jumps[feed] == jumps[number] and feed < since for feed in feeds):
            return True
    return False
