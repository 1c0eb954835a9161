"""A long picture in columns beside each other, as a text on a page.

It is cut where one volume alone leads on. The cut ends of its arrow are circles with the same number, the
connectors of flow charts (ISO 5807).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cnndsl.draw.diagram import Card, Diagram, Link
from cnndsl.draw.page import reached
from cnndsl.draw.view import View

#: more columns than this are not tried
MOST = 4


def splits(picture: Diagram, view: View) -> Iterator[tuple[Diagram, ...]]:
    """The picture as it is, then in two columns of about the same length, in three and so on, where it can be cut."""
    yield (picture,)
    cuts = _cuts(picture)
    along = reached(picture, view)
    for many in range(2, min(MOST, len(cuts) + 1) + 1):
        wanted = (along[-1] * at / many for at in range(1, many))
        chosen = {min(cuts, key=lambda cut: abs(along[cut] - place)) for place in wanted}
        if len(chosen) == many - 1:
            yield _split(picture, {cut: cuts[cut] for cut in sorted(chosen)})


def joined(pieces: Sequence[Diagram]) -> Diagram:
    """The columns as one picture."""
    parts = tuple(part for piece in pieces for part in piece.parts)
    links = tuple(link for piece in pieces for link in piece.links)
    heads = tuple(piece.cards[0].id for piece in pieces) if len(pieces) > 1 else ()
    return pieces[0].replace(parts=parts, links=links, columns=heads)


def _cuts(picture: Diagram) -> Mapping[int, tuple[str, str]]:
    """The places between the outermost parts over which one volume leads, each with its card and its size."""
    at = picture.places
    spans: dict[tuple[str, str], int] = {}
    for link in picture.links:
        key = link.tail, link.text
        spans[key] = max(spans.get(key, 0), at[link.head])
    found: dict[int, tuple[str, str]] = {}
    crowd: Counter[int] = Counter()
    for (tail, text), last in spans.items():
        for place in range(at[tail] + 1, last + 1):
            crowd[place] += 1
            found[place] = tail, text
    return {place: key for place, key in sorted(found.items()) if crowd[place] == 1 and key[1]}


def _split(picture: Diagram, cuts: Mapping[int, tuple[str, str]]) -> tuple[Diagram, ...]:
    at = picture.places
    starts, stops = (0, *cuts), (*cuts, len(picture.parts))
    keys = (None, *cuts.values(), None)
    pieces = []
    for number, (start, stop) in enumerate(zip(starts, stops)):
        before, after = keys[number], keys[number + 1]
        inside = {card for card, place in at.items() if start <= place < stop}
        parts = list(picture.parts[start:stop])
        links = [_led(link, before, number) for link in picture.links if link.head in inside]
        if before:
            parts.insert(0, _connector(picture, number, "from", before))
        if after:
            end = _connector(picture, number + 1, "to", after)
            parts.append(end)
            tail = after[0] if after[0] in inside else _name(number, "from")
            links.append(Link(f"{end.id}-0", tail, end.id, after[1], "next"))
        pieces.append(picture.replace(parts=tuple(parts), links=tuple(links)))
    return tuple(pieces)


def _led(link: Link, before: tuple[str, str] | None, number: int) -> Link:
    """A link of a column: from the connector at its top if it comes from an earlier one."""
    return link.replace(tail=_name(number, "from")) if (link.tail, link.text) == before else link


def _connector(picture: Diagram, number: int, way: str, key: tuple[str, str]) -> Card:
    tail, text = key
    told = f"{text} from {tail}" if way == "from" else f"{text} of {tail} leads on"
    card = next(card for card in picture.cards if card.id == tail)
    return Card(_name(number, way), "connector", (str(number),), (), (), told, (), 0, 0, card.volume)


def _name(number: int, way: str) -> str:
    """`from` is a word of the language; so is `in`: no layer's path begins with either."""
    return f"from.{number}" if way == "from" else f"in.{number}"
