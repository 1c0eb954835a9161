"""A net that goes down to a coarse view and up again, drawn as a U: a row for each resolution.

It is known by a link between equal resolutions over layers of a coarser one, as in O. Ronneberger et al.: U-Net:
convolutional networks for biomedical image segmentation, 2015, whose figure is drawn so.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from cnndsl.draw.diagram import Diagram
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


def rows(picture: Diagram, jumps: Mapping[int, Fraction]) -> tuple[tuple[str, ...], ...]:
    """The boxes of each resolution, the finest first, in source order."""
    of = {card.id: jumps[card.layers[-1]] for card in picture.cards if card.layers}
    of |= {link.head: of[link.tail] for link in picture.links if link.head not in of}
    return tuple(tuple(card for card in of if of[card] == jump) for jump in sorted(set(of.values())))


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
