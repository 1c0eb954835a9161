"""The words on a diagram: calls as the language writes them, facts for tooltips."""

from __future__ import annotations

from cnndsl.analysis.cost import LayerCost
from cnndsl.graph import Scope
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
    """The title of a scope's frame and its tooltip.

    A label and what it labels, `inception3a: inception(64, 96)`; the call alone, `basic(64)`, where
    the path is only the call's ordinal.
    """
    own = scope.path.rpartition(".")[2]
    called = f"{scope.name}({scope.arguments})" if scope.arguments else scope.name
    ordinal = own.removeprefix(scope.name).isdigit()
    title = own if scope.kind == "label" else called if ordinal else f"{own}: {called}"
    return title, f"{scope.kind} {called} at {scope.path}"


def facts(layer: LayerCost) -> str:
    """What a card's tooltip says: path, volumes, parameters, multiply-accumulates, a line each."""
    volumes = f"{', '.join(map(str, layer.feeds))} -> {layer.output}" if layer.feeds else str(layer.output)
    told = [layer.path, volumes, layer.remark]
    if layer.owner != layer.path:
        told.append(f"parameters of {layer.owner}")
    counts = (
        (layer.params, "parameters"),
        (layer.statistics, "running statistics"),
        (layer.constants, "given numbers"),
        (layer.macs, "multiply-accumulates"),
    )
    told += [f"{count:,} {what}" for count, what in counts if count]
    return "\n".join([line for line in told if line] + ["frozen"] * layer.frozen)
