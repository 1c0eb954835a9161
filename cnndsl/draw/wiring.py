"""Who reads whom in a picture, where layers that do nothing are not drawn."""

from __future__ import annotations

from collections.abc import Collection

from cnndsl.graph import Graph, Node


class Wiring:
    """The connections of the drawn layers, by their numbers: `feeds` of each in order, `readers`, and `ends`."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self._through: dict[int, int] = {}
        self.feeds: dict[int, tuple[int, ...]] = {}
        self.readers: dict[int, list[int]] = {}
        for node in graph:
            if self.elided(node):
                self._through[node.number] = self.source(node.inputs[0])
                continue
            self.feeds[node.number] = tuple(map(self.source, node.inputs))
            self.readers[node.number] = []
            for number in dict.fromkeys(self.feeds[node.number]):
                self.readers[number].append(node.number)
        self.ends = frozenset(map(self.source, graph.ends))

    def elided(self, node: Node) -> bool:
        """Whether links pass through a layer instead of ending at it."""
        return node.layer.does_nothing and len(node.inputs) == 1

    def source(self, number: int) -> int:
        """The drawn layer whose volume a layer gives."""
        return self._through.get(number, number)

    def given(self, within: Collection[int]) -> frozenset[int]:
        """The layers outside whose volumes some layers read."""
        return frozenset(feed for number in within for feed in self.feeds[number] if feed not in within)

    def shortcut(self, within: Collection[int]) -> bool:
        """Whether some layers join the one volume that they are given with what others of them make of it.

        A shortcut is a branch that has only linear layers, or none: an identity or a projection.
        """
        joins = (self.feeds[number] for number in within if len(self.feeds[number]) > 1)
        straight = ({self._straight(feed, within) for feed in feeds} for feeds in joins)
        return len(self.given(within)) == 1 and any(kinds == {True, False} for kinds in straight)

    def _straight(self, number: int, within: Collection[int]) -> bool:
        while number in within:
            if not self.nodes[number].layer.linear or len(self.feeds[number]) != 1:
                return False
            (number,) = self.feeds[number]
        return True
