"""One layer taken apart as a lecture would: every formula, with this net's numbers put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from math import prod
from typing import Any

from cnndsl.analysis.chain_rule import chained
from cnndsl.analysis.paths import layer_at
from cnndsl.analysis.receptive_field import ReceptiveFields, receptive_field
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.graph import Graph, Node
from cnndsl.layers.base import Weights
from cnndsl.layers.derive import OPEN, Step, added
from cnndsl.volume import StillOpen, Volume

#: the roles of arrays that are parameters, and of those that are kept beside them
_LEARNED = ("weight", "bias", "norm")
_APART = {"statistic": "statistics", "constant": "given numbers"}


class Derivation(Shown):
    """A layer of a net: its call, its equation, and the steps by which its counts come about."""

    net: str
    path: str
    call: str
    equation: str
    steps: tuple[Step, ...]

    def page(self) -> Page:
        facts = (Fact(step.name, str(step)) for step in self.steps)
        return Page(f"{self.path}: {self.call}", (Facts((Fact("equation", self.equation), *facts)),))

    def to_dict(self) -> dict[str, Any]:
        steps = [
            {"name": step.name, "letters": step.letters, "numbers": step.numbers, "result": step.result}
            for step in self.steps
        ]
        return {"schema": Graph.schema, "net": self.net, "path": self.path, "layer": self.call, "steps": steps}


def derivation(graph: Graph, path: str) -> Derivation:
    """The steps for the layer at a path. Raises CnnError (E063) if there is none."""
    return _derivation(graph, layer_at(graph, path), receptive_field(graph))


def derivations(graph: Graph) -> list[Derivation]:
    """The steps for every layer, in order of execution."""
    seen = receptive_field(graph)
    return [_derivation(graph, node, seen) for node in graph]


def _derivation(graph: Graph, node: Node, seen: ReceptiveFields) -> Derivation:
    steps = (*_steps(graph, node), *_seen(graph, node, seen))
    return Derivation(graph.name, node.path, node.layer.written(), _equation(node), steps)


def _equation(node: Node) -> str:
    """The section of its page, on one line."""
    section = cleandoc(type(node.layer).__doc__ or "").partition("Equation:\n")[2].partition("\n\n")[0]
    return " ".join(section.split())


def _steps(graph: Graph, node: Node) -> Iterator[Step]:
    layer, feeds = node.layer, graph.feeds(node)
    for number, volume in enumerate(feeds, 1):
        yield _volume(f"input {number}" if len(feeds) > 1 else "input", volume)
    yield from _known("size", lambda: layer.sizing(*feeds))
    yield _volume("gives", node.volume)
    if node.owner == node.path:
        yield from _known("parameters", lambda: [*layer.weighing(*feeds), *_held(node, feeds)])
    else:
        yield Step("parameters", f"none of its own: those of {node.owner}")
    yield from _known("without sharing", lambda: layer.unsharing(*feeds))
    yield from _known("connections", lambda: layer.linking(*feeds))
    yield from _known("fully connected", lambda: _connected(node, feeds))
    yield from _known("MACs", lambda: _computed(node, feeds))


def _known(name: str, steps: Callable[[], Iterable[Step]]) -> list[Step]:
    """Some steps; one that says so while they depend on an extent that is not fixed."""
    try:
        return list(steps())
    except StillOpen:
        return [Step(name, f"{OPEN}, until the input's size is fixed (`--input`)")]


def _volume(name: str, volume: Volume) -> Step:
    return Step(name, str(volume), "", OPEN if volume.elements is None else f"{volume.elements:,} values")


def _held(node: Node, feeds: tuple[Volume, ...]) -> Iterator[Step]:
    """The sum of what is learned, and what is kept beside it."""
    arrays = node.arrays(feeds)
    learned = [array for array in arrays if array.role in _LEARNED]
    yield _sum("parameters", learned) if learned else Step("parameters", "none")
    for role, name in _APART.items():
        if apart := [array for array in arrays if array.role == role]:
            yield _sum(name, apart)
    if node.frozen and learned:
        yield Step("frozen", "they are not trained")


def _sum(name: str, arrays: list[Weights]) -> Step:
    sizes = [array.count for array in arrays]
    return Step(name, added(*(array.name.replace("_", " ") for array in arrays)), added(*sizes), sum(sizes))


def _connected(node: Node, feeds: tuple[Volume, ...]) -> Iterator[Step]:
    """A fully connected layer in its place, and how many times its parameters that holds."""
    count = node.layer.connected(*feeds)
    if not count:
        return
    ins, outs = sum(prod(volume.shape) for volume in feeds), prod(node.volume.shape)
    yield Step("fully connected", "inputs x outputs + outputs", f"{ins:,} x {outs:,} + {outs:,}", count)
    held = sum(array.count for array in node.arrays(feeds) if array.role in _LEARNED)
    if held and held != count:
        yield Step(
            "sharing saves", "fully connected / parameters", f"{count:,} / {held:,}", f"{count / held:,.1f} times"
        )


def _computed(node: Node, feeds: tuple[Volume, ...]) -> Iterator[Step]:
    count = node.layer.macs(*feeds)
    if not count:
        yield Step("MACs", "none (pools, factors and biases are not counted)")
        return
    yield from node.layer.working(*feeds)
    yield Step("FLOPs", "2 x MACs", f"2 x {count:,}", 2 * count)


def _seen(graph: Graph, node: Node, seen: ReceptiveFields) -> Iterator[Step]:
    """What of the net's inputs a position sees, by the chain rule where a window makes it."""
    if not node.inputs:
        return
    before, after = (seen.layers[number] for number in (node.inputs[0], node.number))
    yield from chained(before, after, node.layer.windows(graph.feeds(node)[0]) if len(node.inputs) == 1 else ())
