"""Graph -> Diagram: cards, frames and links, which is what there is to see before any drawing program.

Whatever makes a picture smaller (folding repeats, fusing conv + norm + activation) is a function
from Diagram to Diagram; `dot.py` only writes one down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from cnndsl.analysis.cost import cost
from cnndsl.draw.words import call, facts, open_scope
from cnndsl.graph import Graph, Node
from cnndsl.record import Record


class Card(Record):
    """A box: its lines, the first of them the headline, and what is said when the pointer rests on it.

    `id` is the path of the layer; `family` chooses the look.
    """

    id: str
    family: str
    lines: tuple[str, ...]
    tooltip: str


class Frame(Record):
    """A box around boxes: a block, a net or a labelled pipeline. `id` is its path."""

    id: str
    title: str
    tooltip: str
    parts: tuple[Card | Frame, ...]


class Link(Record):
    """An arrow between two cards; `id` is the head's with the place among its inputs.

    `role` is `next` from a card to the only one that reads it, `branch` to one of several, `join`
    into a card that reads several, `skip` where both hold.
    """

    id: str
    tail: str
    head: str
    text: str
    role: str


class Diagram(Record):
    """A whole picture: a title, the text under it, what is in it in source order, and the arrows."""

    title: str
    subtitle: str
    parts: tuple[Card | Frame, ...]
    links: tuple[Link, ...]


def diagram(graph: Graph) -> Diagram:
    """A card for every layer and output, a frame for every scope, the shapes on the links."""
    inside: dict[str, list[Card | str]] = {"": []}
    names = {number: name for name, number in graph.inputs.items()}
    for node, costs in zip(graph, cost(graph).layers, strict=True):
        enclosing = ("", *node.scopes)
        for outer, inner in pairwise(enclosing):
            if inner not in inside:
                inside[inner] = []
                inside[outer].append(inner)
        lines = (*call(node.layer), *_named("input", names.get(node.number, node.path)))
        inside[enclosing[-1]].append(Card(node.path, node.layer.family, lines, facts(costs)))
    inside[""].extend(_output(graph, name, number) for name, number in graph.outputs.items())
    return Diagram(graph.name, graph.doc, _nest(graph, inside, ""), _links(graph))


def _nest(graph: Graph, inside: Mapping[str, list[Card | str]], path: str) -> tuple[Card | Frame, ...]:
    return tuple(
        part if isinstance(part, Card) else Frame(part, *open_scope(graph.scopes[part]), _nest(graph, inside, part))
        for part in inside[path]
    )


def _output(graph: Graph, name: str, number: int) -> Card:
    node = graph.nodes[number]
    tooltip = f"output {name}: {node.volume} from {node.path}"
    return Card(_output_id(name), "output", (f"output {node.volume}", *_named("output", name)), tooltip)


def _named(word: str, name: str) -> tuple[str, ...]:
    """The line with a name: none for the only input or output, which is called by the word itself."""
    return () if name == word else (name,)


def _output_id(name: str) -> str:
    """`output` is a word of the language, so that no layer's path begins with it."""
    return f"output.{name}"


def _links(graph: Graph) -> tuple[Link, ...]:
    readers = Counter(number for node in graph for number in node.inputs)
    flow = tuple(
        Link(f"{node.path}-{place}", tail.path, node.path, str(tail.volume), _role(readers[number], node))
        for node in graph
        for place, number in enumerate(node.inputs)
        for tail in (graph.nodes[number],)
    )
    ends = (
        Link(f"{head}-0", graph.nodes[number].path, head, "", "next")
        for name, number in graph.outputs.items()
        for head in (_output_id(name),)
    )
    return (*flow, *ends)


def _role(readers: int, head: Node) -> str:
    if len(head.inputs) > 1:
        return "skip" if readers > 1 else "join"
    return "branch" if readers > 1 else "next"
