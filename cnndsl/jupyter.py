"""cnndsl in a notebook: `%load_ext cnndsl`, then cells that begin with `%%cnn` are programs.

A cell gives its net, or all its nets as a dict, and binds each by its name. `%%cnn --set classes=10 --input 64x64x3`
changes it as on the command line. What is wrong is shown as `cnnc check` shows it, with the place in the cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostic import CnnError

if TYPE_CHECKING:
    from cnndsl.diagnostic import Diagnostic
    from cnndsl.net import Net

#: what messages call the text of a cell
CELL = "cell"


def load(shell: Any) -> None:
    """Makes `%%cnn` known to an IPython shell, and lets it show errors without a Python traceback."""

    def cnn(line: str, cell: str) -> Net | dict[str, Net] | None:
        """Compiles the cell; --set NAME=VALUE and --input SIZE change its nets."""
        return run(shell, line, cell)

    shell.register_magic_function(cnn, magic_kind="cell", magic_name="cnn")
    shell.set_custom_exc((CnnError,), _shown)


def run(shell: Any, line: str, cell: str) -> Net | dict[str, Net] | None:
    """The net of a cell, or its nets by name; they are variables of the shell from now on. Raises CnnError."""
    nets, warnings = compiled(line, cell)
    _display(warnings)
    shell.push(dict(nets))
    return next(iter(nets.values())) if len(nets) == 1 else nets or None


def compiled(line: str, cell: str) -> tuple[dict[str, Net], tuple[Diagnostic, ...]]:
    """The nets of a text, and what it is warned of. Raises CnnError for what is wrong with it or with an option."""
    import shlex

    from cnndsl.asked import sizes_of
    from cnndsl.cli import _net
    from cnndsl.cli._options import Parser
    from cnndsl.files import source_of
    from cnndsl.net import Net
    from cnndsl.pipeline import check

    parser = Parser("%%cnn", "Compiles a cell.")
    parser.prog = "%%cnn"
    _net.declare_changes(parser)
    options = parser.parse(shlex.split(line))
    settings, sizes = _net.settings(options.set), sizes_of(_net.sizes(options.input))
    checked = check(source_of(cell, CELL), folder=".", settings=settings, sizes=sizes)
    if checked.failed:
        raise CnnError(checked.diagnostics)
    imports = checked.module.imports if checked.module else {}
    nets = {
        net.name: Net(net.graph, net.diagnostics, net.settings, imports)
        for net in checked.nets
        if net.graph is not None
    }
    return nets, checked.diagnostics


def _display(diagnostics: Iterable[Diagnostic]) -> None:
    # by name: whether IPython is installed must not decide what the type checker finds
    display = import_module("IPython.display").display
    for diagnostic in diagnostics:
        display(diagnostic)


def _shown(_shell: Any, _kind: type, error: CnnError, _trace: Any, tb_offset: Any = None) -> None:  # noqa: ARG001
    """An error that reaches the shell: its messages are what helps, not where in this package it was raised."""
    _display(error.diagnostics)
