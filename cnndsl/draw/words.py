"""The words on a diagram: calls as the language writes them, facts for tooltips."""

from __future__ import annotations

from math import prod

from cnndsl.graph import Graph, Node, Scope
from cnndsl.layers.base import Layer, show_value

#: a call that is longer is broken behind a comma
WIDTH = 26
#: a value that is longer (a kernel's table) is cut
LONGEST_VALUE = 20


def call(layer: Layer) -> tuple[str, ...]:
    """A layer's call with the arguments that differ from their defaults, in lines of about WIDTH.

    `conv(64, 7, stride=2, pad=3)`: required arguments by position, others by name.
    """
    written = [
        _shorten(show_value(value)) if declared.required else f"{name}={_shorten(show_value(value))}"
        for name, declared in layer.arguments.items()
        for value in (getattr(layer, name),)
        if declared.required or value != declared.default
    ]
    return _wrap(f"{layer.kind}(", written) if written else (layer.kind,)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _wrap(start: str, arguments: list[str]) -> tuple[str, ...]:
    lines = [start + arguments[0]]
    for argument in arguments[1:]:
        if len(lines[-1]) + len(argument) + 2 <= WIDTH:
            lines[-1] += f", {argument}"
        else:
            lines[-1] += ","
            lines.append(argument)
    return (*lines[:-1], lines[-1] + ")")


def open_scope(scope: Scope) -> tuple[str, str]:
    """The title of a scope's frame and its tooltip: `stage1 bottleneck(64, s=2)`."""
    called = f"{scope.name}({scope.arguments})" if scope.arguments else scope.name
    own = scope.path.rpartition(".")[2]
    title = own if scope.kind == "label" or own == called else f"{own}: {called}"
    return title, f"{scope.kind} {called} at {scope.path}"


def facts(graph: Graph, node: Node) -> str:
    """What a card's tooltip says: path, volumes, parameters, multiply-accumulates."""
    feeds = graph.feeds(node)
    volumes = f"{', '.join(map(str, feeds))} -> {node.volume}" if feeds else str(node.volume)
    lines = [node.path, volumes]
    if node.owner != node.path:
        lines.append(f"parameters of {node.owner}")
    if all(volume.fixed for volume in feeds):
        learned = sum(prod(weights.shape) for weights in graph.weights(node) if weights.trained)
        macs = node.layer.macs(*feeds)
        lines += [f"{learned:,} parameters"] * bool(learned) + [f"{macs:,} multiply-accumulates"] * bool(macs)
    if node.frozen:
        lines.append("frozen")
    return "\n".join(lines)
