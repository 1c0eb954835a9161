"""What stands between the stages of the compiler, as text: the tree and the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl import syntax
from cnndsl.graph import Graph, Node
from cnndsl.render._cells import visible

#: fields of the tree that are places, not content
PLACES = ("span", "close")


def tree(node: syntax.Node) -> str:
    """A tree, a line a construct with its line and column; what it is made of indented below."""
    return visible("\n".join(_tree(node, "")))


def _tree(node: syntax.Node, lead: str) -> Iterator[str]:
    line, column = node.span.position
    values = {name: getattr(node, name) for name in type(node).fields if name not in PLACES}
    leaves = {name: value for name, value in values.items() if not _holds_nodes(value)}
    shown = "".join(f" {name}={_leaf(value)}" for name, value in leaves.items() if value not in ("", None, ()))
    yield f"{lead}{type(node).__name__}{shown}  {line}:{column}"
    indent = " " * (len(lead) - len(lead.lstrip()) + 2)
    for name, value in values.items():
        if name not in leaves:
            for item in value if isinstance(value, tuple) else (value,):
                yield from _tree(item, f"{indent}{name}: ")


def _holds_nodes(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_holds_nodes, value))
    return isinstance(value, syntax.Node) and not isinstance(value, syntax.Name)


def _leaf(value: Any) -> str:
    if isinstance(value, syntax.Name):
        return value.text
    if isinstance(value, tuple):
        return f"({', '.join(map(_leaf, value))})"
    return repr(value)


def graph(network: Graph) -> str:
    """A graph, a line a node: number, path, call, what it reads, its volume, its arrays."""
    ends = [
        f"{what}: {', '.join(f'{name} = {number}' for name, number in numbers.items())}"
        for what, numbers in (("inputs", network.inputs), ("outputs", network.outputs))
    ]
    rows = [_row(network, node) for node in network]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([row[0].rjust(widths[0]), *(cell.ljust(width) for cell, width in zip(row[1:4], widths[1:])), row[4]])
        for row in rows
    ]
    scopes = [f"scope {scope.path}: {scope.kind} {scope.name}({scope.arguments})" for scope in network.scopes.values()]
    return visible("\n".join([f"net {network.name}", *ends, *(line.rstrip() for line in lines), *scopes]))


def _row(network: Graph, node: Node) -> tuple[str, ...]:
    reads = f"<- {', '.join(map(str, node.inputs))}" if node.inputs else ""
    arrays = ""
    if node.owner != node.path:
        arrays = f"arrays of {node.owner}"
    elif all(volume.fixed for volume in network.feeds(node)):
        arrays = "  ".join(f"{item.name} {'x'.join(map(str, item.shape))}" for item in network.arrays(node))
    frozen = "frozen" if node.frozen else ""
    return (
        str(node.number),
        node.path,
        node.layer.written(),
        f"{reads} -> {node.volume}".strip(),
        f"{arrays}  {frozen}".strip(),
    )
