"""List the published networks that ship with the package, or print the source of one.

Examples:
  cnnc zoo
  cnnc zoo show ResNet50
  cnnc zoo show resnet.cnn

In a program they are imported by file: from "zoo/resnet.cnn" import bottleneck
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.elaborate.modules import ZOO
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotInTheZoo
from cnndsl.files import read_source
from cnndsl.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnndsl.graph import Graph


def arguments(parser: Parser) -> None:
    parser.add_argument("action", metavar="show", nargs="?", help="print the source of a net, or of a file")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a net (ResNet50) or a file (resnet.cnn)")


def run(options: Any, terminal: Terminal) -> int:
    if options.action is None:
        terminal.print("\n".join(_table(list(_nets()))))
        return CLEAN
    # `cnnc zoo ResNet50` is understood too
    name = options.name if options.action == "show" else options.action
    terminal.print(read_source(os.path.join(ZOO, _file(name or ""))).text.removesuffix("\n"))
    return CLEAN


def _files() -> list[str]:
    return sorted(name for name in os.listdir(ZOO) if name.endswith(".cnn"))


def _nets() -> Iterator[tuple[str, Graph]]:
    """Every net whose parameters have values, with its file."""
    from cnndsl.pipeline import check

    for file in _files():
        for net in check(read_source(os.path.join(ZOO, file))).nets:
            if net.graph is not None:
                yield file, net.graph


def _table(nets: list[tuple[str, Graph]]) -> list[str]:
    """A line a net: name, inputs, parameters, multiply-accumulates, file."""
    from cnndsl.analysis.cost import cost

    rows = []
    for file, graph in nets:
        found = cost(graph)
        inputs = ", ".join(map(str, found.inputs.values()))
        rows.append((graph.name, inputs, f"{found.params:,}", f"{found.macs:,}", f"zoo/{file}"))
    rows.insert(0, ("net", "input", "parameters", "MACs", "file"))
    name, size, params, macs, _ = (max(map(len, column)) for column in zip(*rows))
    return [f"{n:<{name}}  {i:<{size}}  {p:>{params}}  {m:>{macs}}  {f}" for n, i, p, m, f in rows]


def _file(name: str) -> str:
    """The file that a name means. Raises CnnError (E062) if there is none."""
    file = name.removeprefix("zoo/")
    if file in _files():
        return file
    nets = {graph.name: file for file, graph in _nets()}
    if name not in nets:
        known = (*nets, *_files())
        raise NotInTheZoo(NOWHERE, name=name, known=known, suggestion=closest(name, known)).error()
    return nets[name]
