"""Graph -> parts: what is drawn in one box, what stands in a frame, and what comes several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from cnndsl.draw.expanded import Expanded
from cnndsl.draw.fold import Folding
from cnndsl.draw.kinds import Group, Part, Repeat, Run
from cnndsl.draw.wiring import Wiring
from cnndsl.draw.words import scope_title
from cnndsl.graph import Graph, Node, Scope


def parts(graph: Graph, wiring: Wiring, expanded: Expanded) -> tuple[Part, ...]:
    """The parts of a whole net, in source order: fused, and folded where nothing is expanded.

    Layers that do nothing (`id`) are no parts: links pass through them.
    """
    return _Tree(graph, wiring, expanded).below("")


class _Tree:
    def __init__(self, graph: Graph, wiring: Wiring, expanded: Expanded) -> None:
        self.graph, self.wiring = graph, wiring
        self.folding = Folding(wiring, expanded)
        self.inside = _inside(graph)

    def below(self, path: str) -> tuple[Part, ...]:
        """The parts of a scope."""
        found: list[Part] = []
        for item in self.inside[path]:
            if isinstance(item, str):
                inner = self.below(item)
                found += [_melted(self.graph.scopes[item], inner)] if inner else []
            elif not self.wiring.elided(item):
                last = found[-1] if found else None
                if isinstance(last, Run) and self.fuses(last, item):
                    found[-1] = last.replace(nodes=(*last.nodes, item))
                else:
                    found.append(Run((item,), item.label))
        return tuple(self.folding.fold(found, path))

    def fuses(self, run: Run, node: Node) -> bool:
        """Whether a layer is written into the box of the one before it: nothing else reads that one."""
        before = run.nodes[-1]
        return (
            node.layer.follows
            and not node.label
            and self.wiring.feeds[node.number] == (before.number,)
            and self.wiring.readers[before.number] == [node.number]
            and before.number not in self.wiring.ends
            and bool(before.inputs)
        )


def _inside(graph: Graph) -> Mapping[str, list[Node | str]]:
    """For every scope the nodes and the paths of the scopes that stand in it, in source order."""
    inside: dict[str, list[Node | str]] = {"": []}
    for node in graph:
        enclosing = ("", *node.scopes)
        for outer, inner in pairwise(enclosing):
            if inner not in inside:
                inside[inner] = []
                inside[outer].append(inner)
        inside[enclosing[-1]].append(node)
    return inside


def _melted(scope: Scope, inner: tuple[Part, ...]) -> Part:
    """A scope as a group; without a frame around a single box, with one frame around a single frame."""
    title, name = scope_title(scope)
    if len(inner) == 1 and isinstance(inner[0], Run):
        return inner[0].replace(name=name or inner[0].name)
    if len(inner) == 1 and isinstance(inner[0], Group):
        group = inner[0]
        return group.replace(path=scope.path, title=f"{name}: {group.title}" if name else group.title)
    nodes = tuple(node for part in inner for node in part.nodes)
    return Group(scope.path, scope.name, title, scope.span, inner, nodes)


def groups(found: Iterable[Part], level: int = 0) -> Iterator[tuple[int, Group | Repeat]]:
    """What can be opened, each with how deep it lies, in source order."""
    for part in found:
        if isinstance(part, Run):
            continue
        inner = part.content
        if inner:
            yield level, part
            yield from groups(inner, level + 1)
