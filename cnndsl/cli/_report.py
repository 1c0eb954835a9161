"""What `cnnc check` prints: the messages, a line for each net that is good, or how often each code occurs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnndsl.cli._terminal import Terminal
    from cnndsl.diagnostic import Diagnostic
    from cnndsl.graph import Graph
    from cnndsl.pipeline import Checked
    from cnndsl.volume import Volume


def report(format: str, checked: list[Checked], said: list[Diagnostic], terminal: Terminal) -> None:
    """Prints messages in one of the formats of `cnndsl.render`, and in text also what is good."""
    if format == "json":
        from cnndsl.render.json import as_object, dumps

        nets = [_as_object(name, graph) for name, graph in _good(checked)]
        terminal.print(dumps({"nets": nets, "diagnostics": [as_object(diagnostic) for diagnostic in said]}))
        return
    terminal.show(said, format, [file.source.name for file in checked])
    lines = [*(_line(name, graph) for name, graph in _good(checked)), *_libraries(checked)] if format == "text" else []
    if said and lines:
        terminal.print()
    for line in lines:
        terminal.print(line)


def statistics(said: list[Diagnostic], terminal: Terminal) -> None:
    """Prints how often each code occurs, the most frequent first; `*` marks those that --fix mends."""
    if not said:
        terminal.print("nothing found")
        return
    counts = Counter(diagnostic.code for diagnostic in said)
    mended = {diagnostic.code for diagnostic in said if any(fix.safe for fix in diagnostic.fixes)}
    digits = len(f"{max(counts.values()):,}")
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        first = next(diagnostic for diagnostic in said if diagnostic.code == code)
        title = " ".join(first.title.split())
        line = f"{count:>{digits},}  {code}{'*' if code in mended else ' '} {title}"
        terminal.print(line if not terminal.width else line[: terminal.width])
    if mended:
        terminal.print("* --fix mends these")


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
