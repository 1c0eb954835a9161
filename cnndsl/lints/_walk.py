"""Walking a graph, and what is written where: what several lints ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cnndsl.diagnostic import Edit
from cnndsl.graph import Case, Graph, Node
from cnndsl.layers.base import Bounds, Weights
from cnndsl.layers.window import Window
from cnndsl.volume import StillOpen, axis_names

#: what may stand between two layers of which the second follows the first
THEN = re.compile(r"(?:\s|->|#[^\n]*+)*+")


def origins(graph: Graph, starts: Callable[[Node], bool], passes: Callable[[Node], bool]) -> list[Node | None]:
    """For every node the nearest one that `starts` something which reaches it, itself included.

    It is handed on by nodes of one input that say it `passes`.
    """
    found: list[Node | None] = []
    for node in graph.nodes:
        if starts(node):
            found.append(node)
        else:
            handed = len(node.inputs) == 1 and passes(node)
            found.append(found[node.inputs[0]] if handed else None)
    return found


def bounds(graph: Graph) -> list[Bounds]:
    """What the values of every node lie between, whatever the net is given."""
    found: list[Bounds] = []
    for node in graph.nodes:
        found.append(node.layer.bounds(*(found[number] for number in node.inputs)))
    return found


def unnormalized(graph: Graph) -> Iterator[tuple[Node, Node]]:
    """Inputs with a learned layer that reads them, without a normalization before or directly behind that layer."""
    found = origins(graph, lambda node: not node.inputs, lambda node: not (node.layer.learns or node.layer.normalizes))
    for node in graph.nodes:
        source = found[node.inputs[0]] if node.inputs and node.layer.learns else None
        readers = graph.consumers()[node.number]
        if source and not (readers and all(reader.layer.normalizes for reader in readers)):
            yield source, node


def alone(graph: Graph, node: Node) -> bool:
    """Whether one layer reads a node and nothing else needs it."""
    return len(graph.consumers()[node.number]) == 1 and node.number not in graph.ends


def arrays(graph: Graph, node: Node) -> tuple[Weights, ...]:
    """The arrays of a node, another's that it shares included; none while they depend on a `?`."""
    try:
        return graph.uses(node)
    except StillOpen:
        return ()


def weights(graph: Graph, node: Node) -> int:
    """How many weights a node has, biases and factors aside; 0 while they depend on a `?`."""
    return sum(item.count for item in arrays(graph, node) if item.role == "weight")


def windows(graph: Graph) -> Iterator[tuple[Node, str, Window]]:
    """The windows of the layers that learn, each with the name of its axis: of a layer in a loop, once a volume."""
    seen: set[Case] = set()
    for node in graph.nodes:
        if node.layer.learns and (case := graph.case(node)) not in seen:
            seen.add(case)
            (volume,) = case.feeds
            for name, window in zip(axis_names(volume.rank), case.windows):
                yield node, name, window


def unanimous(graph: Graph, found: list[Node]) -> list[Node]:
    """Those of some nodes whose place in the text gave no other node: what holds for them holds for the text."""
    if not found:
        return []
    flagged = {node.number for node in found}
    mixed = {node.site.span for node in graph.nodes if node.number not in flagged}
    return [node for node in found if node.site.span not in mixed]


def chained(one: Node, other: Node) -> bool:
    """Whether a layer is written right behind another, and so follows it wherever that text is expanded."""
    first, second = one.site.span, other.site.span
    if not first or not second or first.source is not second.source or one.label or first.end > second.start:
        return False
    written = first.text.startswith(one.layer.kind) and second.text.startswith(other.layer.kind)
    return written and bool(THEN.fullmatch(first.source.text, first.end, second.start))


def removal(node: Node) -> Edit | None:
    """The edit that takes a layer out of its pipeline, with an arrow beside it; None where that is not so simple."""
    span = node.site.span
    if not span or node.label or not span.text.startswith(node.layer.kind):
        return None
    text = span.source.text
    before, after = text[: span.start].rstrip(), text[span.end :]
    if before.endswith("->"):
        return Edit(span.replace(start=len(before[:-2].rstrip())), "")
    arrow = re.match(r"\s*->\s*", after)
    return Edit(span.replace(end=span.end + arrow.end()), "") if arrow else None


def begins(node: Node) -> bool:
    """Whether a layer is written as a stage by itself, so that another can be written before it."""
    span = node.site.span
    if not span or node.label or not span.text.startswith(node.layer.kind):
        return False
    before = span.source.text[: span.start]
    lone = before.rstrip(" \t").endswith("\n") and not before.rstrip().endswith(("(", "[", ",", "="))
    return lone or before.rstrip().endswith(("->", "{", "|", ";"))
