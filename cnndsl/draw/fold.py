"""Equal parts one after another become one that is drawn once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

from cnndsl.draw.expanded import Expanded
from cnndsl.draw.kinds import Group, Part, Repeat, Run
from cnndsl.draw.wiring import Wiring
from cnndsl.graph import Node

#: how many parts a pattern may have that is looked for
LONGEST = 8
#: so many equal boxes without a block around them are folded
BARE = 4


class Folding:
    """Folds the parts of one scope after another; what is expanded stays as it is.

    Parts are equal if their layers, volumes and connections are; then nothing outside reads what is
    inside of any but the last, so that the picture of one tells all.
    """

    def __init__(self, wiring: Wiring, expanded: Expanded) -> None:
        self.wiring, self.expanded = wiring, expanded
        self.known: dict[Hashable, int] = {}

    def fold(self, parts: Sequence[Part], path: str) -> list[Part]:
        """The parts of the scope at `path`, with repeats in the place of equal ones."""
        if self.expanded.holds(path):
            return list(parts)
        keys = [self.key(part) for part in parts]
        found: list[Part] = []
        at = 0
        while at < len(parts):
            repeat = self._repeat(parts, keys, at)
            found.append(repeat or parts[at])
            at += len(repeat.parts) * repeat.times if repeat else 1
        return found

    def key(self, part: Part) -> int:
        """The same number for equal parts."""
        inner: Hashable
        if isinstance(part, Run):
            inner = tuple(map(self._layer, part.nodes))
        else:
            own = part.path if self.expanded.reaches(part.path) else ""
            inner = (part.word, own, getattr(part, "times", 1), *map(self.key, part.parts))
        return self.known.setdefault(inner, len(self.known))

    def _layer(self, node: Node) -> Hashable:
        number = node.number
        owner = "" if node.owner == node.path else node.owner
        wires = tuple((number - feed, self.wiring.nodes[feed].volume) for feed in node.inputs)
        return (node.layer, node.volume, node.frozen, node.start, owner, wires)

    def _repeat(self, parts: Sequence[Part], keys: Sequence[int], at: int) -> Repeat | None:
        """The repeat that begins at a part and covers most."""
        best: Repeat | None = None
        for size in range(1, min(LONGEST, (len(parts) - at) // 2) + 1):
            times = _times(keys, at, size)
            bare = all(isinstance(part, Run) for part in parts[at : at + size])
            if times * size > (len(best.parts) * best.times if best else 0) and times >= (BARE if bare else 2):
                rounds = [parts[at + size * i : at + size * (i + 1)] for i in range(times)]
                if self._closed(rounds):
                    nodes = tuple(node for part in parts[at : at + size * times] for node in part.nodes)
                    best = Repeat(tuple(rounds[0]), times, nodes, rounds[-1][0].path)
        return best

    def _closed(self, rounds: Sequence[Sequence[Part]]) -> bool:
        """Whether each round gives one volume, and only to the next."""
        sets = [frozenset(node.number for part in found for node in part.nodes) for found in rounds]
        for own, after in pairwise(sets):
            leaving = [(n, to) for n in own for to in self.wiring.readers[n] if to not in own]
            if own & self.wiring.ends or len({n for n, _ in leaving}) > 1 or any(to not in after for _, to in leaving):
                return False
        return True


def _times(keys: Sequence[int], at: int, size: int) -> int:
    """How often the `size` keys from a place on follow each other."""
    times = 1
    pattern = keys[at : at + size]
    while keys[at + size * times : at + size * (times + 1)] == pattern:
        times += 1
    return times


def title(repeat: Repeat) -> str:
    """What heads a repeat: `bottleneck(64) x 35`, `unit2 to unit9: basic(64) x 8`."""
    single = repeat.single
    shown = single.title if isinstance(single, Group) else ""
    own, call = shown.partition(": ")[::2]
    if call and own != (last := repeat.last.rpartition(".")[2]):
        shown = f"{own} to {last}: {call}"
    return f"{shown} × {repeat.times:,}".strip()
