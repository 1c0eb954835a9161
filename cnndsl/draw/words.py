"""The words on a diagram: calls as the language writes them, facts for tooltips."""

from __future__ import annotations

from math import prod

from cnndsl.graph import Graph, Node, Scope
from cnndsl.layers.base import Layer

#: a call that is longer is broken behind a comma
WIDTH = 28
#: a call that is longer than this (it holds a table) is cut
LONGEST = 90


def call(layer: Layer) -> tuple[str, ...]:
    """A layer's call as it is written, in lines of about WIDTH: `conv(64, 7, stride=2, pad=3)`."""
    written = layer.written()
    if len(written) > LONGEST:
        written = written[: LONGEST - 2] + "…)"
    lines: list[str] = []
    for piece in written.replace(", ", ",\n").splitlines():
        if lines and len(lines[-1]) + len(piece) < WIDTH:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return tuple(lines)


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
