"""Check files: say everything that is wrong, or what each net takes, gives and costs.

Examples:
  cnnc check lenet5.cnn
  cnnc check nets/ "more/*.cnn" --error-on-warning
  cnnc check resnet.cnn:ResNet50 --input 128x128x3 --set classes=10
  cnnc check net.cnn --format json

Exit code: 0 clean or warnings only, 1 errors, 2 a wrong command line or an unreadable file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import worst
from cnndsl.cli._options import Parser, word
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnndsl.diagnostic import Diagnostic
    from cnndsl.graph import Graph
    from cnndsl.pipeline import Checked
    from cnndsl.volume import Volume


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="files, folders, patterns, or FILE:NET for one net of a file"
    )
    _net.declare_changes(parser)
    parser.add_argument("--format", metavar="--format", type=_format, help="how to print messages (text)")
    parser.add_argument("--error-on-warning", action="store_true", help="exit with 1 if there are warnings")
    parser.add_argument("--strict", action="store_true", help="divisions that are not exact are errors")


def choices() -> dict[str, list[str]]:
    """What options can be, for the help."""
    from cnndsl import render

    return {"--format": render.formats()}


def _format(text: str) -> str:
    return word("--format", choices()["--format"])(text)


def run(options: Any, terminal: Terminal) -> int:
    import gc

    from cnndsl.cli._files import expand
    from cnndsl.files import read_source
    from cnndsl.net import sizes_of, split_name
    from cnndsl.pipeline import check

    # Graphs are large and hold no cycles: looking for some after every 700 new objects takes a fifth of the time.
    gc.set_threshold(100_000, 50)
    settings, sizes = _net.settings(options.set), sizes_of(_net.sizes(options.input))
    checked: list[Checked] = []
    unread: list[Diagnostic] = []
    for file in expand(options.files):
        path, net = split_name(file)
        try:
            source = read_source(path)
        except CnnError as error:
            unread += error.diagnostics
            continue
        checked.append(check(source, net=net, settings=settings, sizes=sizes, strict=options.strict))
    said = [*unread, *(diagnostic for file in checked for diagnostic in file.diagnostics)]
    _print(options.format or "text", checked, said, terminal)
    return worst(said, warnings_count=options.error_on_warning)


def _print(format: str, checked: list[Checked], said: list[Diagnostic], terminal: Terminal) -> None:
    if format == "json":
        from cnndsl.render.json import as_object, dumps

        nets = [_as_object(name, graph) for name, graph in _good(checked)]
        terminal.print(dumps({"nets": nets, "diagnostics": [as_object(diagnostic) for diagnostic in said]}))
        return
    terminal.show(said, format)
    lines = [*(_line(name, graph) for name, graph in _good(checked)), *_libraries(checked)] if format == "text" else []
    if said and lines:
        terminal.print()
    for line in lines:
        terminal.print(line)


def _libraries(checked: list[Checked]) -> Iterator[str]:
    """A line for each file that only defines what others use."""
    for file in checked:
        if file.module is not None and not file.nets and not file.failed:
            yield f"{file.source.name}: no net of its own; defines {', '.join(file.module.names())}"


def _good(checked: list[Checked]) -> Iterator[tuple[str, Graph]]:
    """The nets without errors, with the names of their files."""
    for file in checked:
        for net in file.nets:
            if net.graph is not None and not file.failed:
                yield file.source.name, net.graph


def _line(file: str, graph: Graph) -> str:
    """`lenet5.cnn: LeNet5  28x28x1 -> 10  61,706 parameters  416,520 MACs`."""
    from cnndsl.analysis.cost import cost

    found = cost(graph)
    sizes = " -> ".join(_volumes(volumes) for volumes in (found.inputs, found.outputs))
    counts = ((found.params, "parameters"), (found.macs, "MACs"))
    return f"{file}: {graph.name}  {sizes}  " + "  ".join(
        f"{'?' if number is None else format(number, ',')} {unit}" for number, unit in counts
    )


def _volumes(volumes: Mapping[str, Volume]) -> str:
    """One size, or several with their names."""
    if len(volumes) == 1:
        return str(next(iter(volumes.values())))
    return ", ".join(f"{name} {volume}" for name, volume in volumes.items())


def _as_object(file: str, graph: Graph) -> dict[str, Any]:
    from cnndsl.analysis.cost import cost

    whole = cost(graph).to_dict()
    return {"file": file, **{key: whole[key] for key in ("net", "inputs", "outputs", "params", "macs")}}
