"""Which layers of one graph are those of another: the same call in the same order, wherever the paths have moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnndsl.graph import Graph, Node

#: pairs of layers up to which an order is looked for; beyond that only paths tell
MOST_PAIRS = 1_000_000

Pair = tuple[Node, Node]


def call(node: Node) -> str:
    """How a layer is written, with what is said of its parameters: what makes two layers the same."""
    parts = [node.layer.written()]
    parts += ["frozen"] * node.frozen + ["given numbers learned"] * node.thawed
    if node.start is not None:
        parts.append(f"init {node.start.recipe} {node.start.amount:g}")
    parts += [f"shares {node.owner}"] * (node.owner != node.path)
    return ", ".join(parts)


def matched(before: Graph, after: Graph) -> tuple[list[Pair], list[Node], list[Node]]:
    """Pairs of layers that stand for each other, what is left of the first graph, and of the second.

    First as many equal calls in the same order as there are, of several choices the one with most
    equal paths; between them layers of one kind, those of equal paths first, so that an argument that
    changed is no layer lost and another won.
    """
    one, other = before.nodes, after.nodes
    if len(one) * len(other) > MOST_PAIRS:
        return _by_path(one, other)
    pairs: list[Pair] = []
    removed: list[Node] = []
    added: list[Node] = []
    start = first = 0
    for stop, last in [*_in_order(one, other), (len(one), len(other))]:
        changed, lost, won = _by_kind(one[start:stop], other[first:last])
        pairs, removed, added = pairs + changed, removed + lost, added + won
        pairs += zip(one[stop : stop + 1], other[last : last + 1])
        start, first = stop + 1, last + 1
    return pairs, removed, added


def _in_order(one: Sequence[Node], other: Sequence[Node]) -> list[tuple[int, int]]:
    """The positions of a longest common subsequence of calls, with the most equal paths.

    By dynamic programming from the end: `best[i][j]` is what can be had of one[i:] and other[j:].
    """
    calls, others = [*map(call, one)], [*map(call, other)]
    large = len(one) + len(other) + 1  # an equal call outweighs all equal paths
    best = [[0] * (len(other) + 1)]
    for i in range(len(one) - 1, -1, -1):
        below, row = best[-1], [0] * (len(other) + 1)
        for j in range(len(other) - 1, -1, -1):
            row[j] = max(below[j], row[j + 1])
            if calls[i] == others[j]:
                row[j] = max(row[j], below[j + 1] + large + (one[i].path == other[j].path))
        best.append(row)
    best.reverse()
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _by_path(one: Sequence[Node], other: Sequence[Node]) -> tuple[list[Pair], list[Node], list[Node]]:
    known = {node.path: node for node in other}
    pairs = [(node, known[node.path]) for node in one if node.path in known and _alike(node, known[node.path])]
    mine, theirs = {pair[0].path for pair in pairs}, {pair[1].path for pair in pairs}
    return pairs, [node for node in one if node.path not in mine], [node for node in other if node.path not in theirs]


def _by_kind(one: Sequence[Node], other: Sequence[Node]) -> tuple[list[Pair], list[Node], list[Node]]:
    """What is left of two stretches, paired by path and then in order."""
    pairs, lost, won = _by_path(one, other)
    for node in list(lost):
        partner = next((each for each in won if _alike(node, each)), None)
        if partner is not None:
            pairs.append((node, partner))
            lost.remove(node)
            won.remove(partner)
    return pairs, lost, won


def _alike(one: Node, other: Node) -> bool:
    return one.layer.kind == other.layer.kind


def rewired(pairs: Sequence[Pair], before: Graph, after: Graph) -> Iterator[tuple[Pair, str, str]]:
    """Pairs that read other layers than before, though those are still there: with the paths before and after.

    A layer put in or taken out between two others changes what these read, and is told already.
    """
    stands_for = {one.number: other.number for one, other in pairs}
    kept = set(stands_for.values())
    for one, other in pairs:
        known = all(number in stands_for for number in one.inputs) and all(number in kept for number in other.inputs)
        if known and tuple(stands_for[number] for number in one.inputs) != other.inputs:
            paths = [
                ", ".join(graph.nodes[n].path for n in node.inputs) for graph, node in ((before, one), (after, other))
            ]
            yield (one, other), paths[0], paths[1]
