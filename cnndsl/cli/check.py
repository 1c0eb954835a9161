"""Check files: say everything that is wrong, or what each net takes, gives and costs.

Examples:
  cnnc check lenet5.cnn
  cnnc check nets/ "more/*.cnn" --error-on-warning
  cnnc check resnet.cnn:ResNet50 --input 128x128x3 --set classes=10
  cnnc check net.cnn --select advice --ignore W202
  cnnc check net.cnn --format json

Lints are chosen by code (W201), beginning of codes (W2), name (unused_output), group (defects,
advice, training) or `all`, several with commas; the more exact word counts. A comment
`# cnnc: allow(W201) reason` allows one line. The table [tool.cnnc] of pyproject.toml may set
select, ignore, error, strict and error-on-warning for every check.

Exit code: 0 clean or warnings only, 1 errors, 2 a wrong command line or an unreadable file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN, worst
from cnndsl.cli._options import Parser, word
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnndsl.cli._project import Project
    from cnndsl.diagnostic import Diagnostic
    from cnndsl.graph import Graph
    from cnndsl.lints import Rules
    from cnndsl.pipeline import Checked
    from cnndsl.volume import Volume

#: what can be done with lints
VERBS = {
    "select": "also look for these",
    "ignore": "do not look for these",
    "error": "look for these, and what they find are errors",
}


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="files, folders, patterns, or FILE:NET for one net of a file"
    )
    _net.declare_changes(parser)
    parser.add_argument("--format", metavar="--format", type=_format, help="how to print messages (text)")
    for verb, what in VERBS.items():
        parser.add_argument(f"--{verb}", metavar="LINTS", action="append", default=[], help=what)
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

    from cnndsl.asked import sizes_of, split_name
    from cnndsl.cli._files import expand
    from cnndsl.cli._project import project_of
    from cnndsl.files import read_source
    from cnndsl.pipeline import check

    # Graphs are large and hold no cycles: looking for some after every 700 new objects takes a fifth of the time.
    gc.set_threshold(100_000, 50)
    settings, sizes = _net.settings(options.set), sizes_of(_net.sizes(options.input))
    checked: list[Checked] = []
    unread: list[Diagnostic] = []
    codes = [CLEAN]
    for file in expand(options.files):
        path, net = split_name(file)
        try:
            source = read_source(path)
        except CnnError as error:
            unread += error.diagnostics
            continue
        project = project_of(path)
        strict = options.strict or project.strict
        counts = options.error_on_warning or project.error_on_warning
        rules = _rules(options, project)
        checked.append(check(source, net=net, settings=settings, sizes=sizes, strict=strict, rules=rules))
        codes.append(worst(checked[-1].diagnostics, warnings_count=counts))
    said = [*unread, *(diagnostic for file in checked for diagnostic in file.diagnostics)]
    _print(options.format or "text", checked, said, terminal)
    return max(*codes, worst(unread))


def _rules(options: Any, project: Project) -> Rules | None:
    """The lints that the project and the command line choose; None for the usual ones. Raises CnnError (E080)."""
    given = [(verb, text) for verb in VERBS for text in getattr(options, verb)]
    if not given and not project.wishes:
        return None
    from cnndsl.lints._selection import Wish, rules_of

    words = [(verb, word.strip()) for verb, text in given for word in text.split(",")]
    return rules_of(project.wishes, [Wish(verb, word, f"--{verb}") for verb, word in words])


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
