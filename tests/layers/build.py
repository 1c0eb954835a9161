"""Layers by name with checked arguments, and graphs of them without the parser."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import Refused, Site
from cnndsl.graph import Graph, Node
from cnndsl.layers import kinds
from cnndsl.layers.base import Layer, infer
from cnndsl.layers.input import Input
from cnndsl.source import Source
from cnndsl.volume import Volume


def layer(kind: str, *positional: Any, **named: Any) -> Layer:
    """A layer as the language makes it: every value goes through its argument's kind."""
    cls = kinds()[kind]
    given = {**dict(zip(cls.arguments, positional)), **named}
    return cls(**{name: cls.arguments[name].kind.accept(value) for name, value in given.items()})


def volume(text: str | int) -> Volume:
    return Volume(tuple(None if part == "?" else int(part) for part in str(text).split("x")))


def gives(made: Layer, *sizes: str | int) -> str:
    """The volume that a layer makes of inputs of these sizes, as text."""
    return str(infer(made, *map(volume, sizes)))


def refusal(made: Layer, *sizes: str | int, where: Site | None = None) -> Diagnostic:
    """What a layer says about inputs that it cannot take."""
    try:
        found = infer(made, *map(volume, sizes))
    except Refused as refused:
        return (refused.problem.placed(where) if where else refused.problem).diagnostic()
    raise AssertionError(f"{made} takes {sizes} and gives {found}")


class Sketch:
    """A graph in the making: each method adds a node behind the last one, or behind `after`."""

    def __init__(self, name: str = "Sketch") -> None:
        self.name = name
        self.nodes: list[Node] = []
        self.inputs: dict[str, int] = {}

    def input(self, size: str, name: str = "input") -> int:
        self.inputs[name] = self._node(name, Input(volume(size).extents), (), {})
        return self.inputs[name]

    def add(self, made: Layer | str, *after: int, path: str = "", **extra: Any) -> int:
        made = layer(made) if isinstance(made, str) else made
        path = path or f"{made.kind}{1 + sum(node.layer.kind == made.kind for node in self.nodes)}"
        return self._node(path, made, after or (len(self.nodes) - 1,), extra)

    def _node(self, path: str, made: Layer, inputs: tuple[int, ...], extra: dict[str, Any]) -> int:
        found = infer(made, *(self.nodes[number].volume for number in inputs))
        owner = extra.pop("owner", path)
        self.nodes.append(Node(len(self.nodes), path, made, inputs, found, Site(), owner, **extra))
        return len(self.nodes) - 1

    def graph(self, **outputs: int) -> Graph:
        source = Source("sketch.cnn", "")
        found = outputs or {"output": len(self.nodes) - 1}
        return Graph(self.name, tuple(self.nodes), self.inputs, found, {}, source)


def chain(size: str, *layers: Layer | str) -> Graph:
    """Layers one behind the other on an input of that size."""
    sketch = Sketch()
    sketch.input(size)
    for made in layers:
        sketch.add(made)
    return sketch.graph()
