"""Annotations in a run of GitHub Actions: `::error file=net.cnn,line=5,col=14,title=E301::…`.

The workflow commands of GitHub's documentation ("Workflow commands for GitHub Actions"): a command a
line, line ends and percent signs escaped, in properties also `:` and `,`.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostic import Diagnostic, Severity

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """A command for each diagnostic; its message holds the notes and helps."""
    return "\n".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    properties = {"title": f"{diagnostic.code}: {diagnostic.title}"}
    if span := diagnostic.span:
        line, column = span.position
        end_line, end_column = span.end_position
        properties |= {"file": span.source.name.replace("\\", "/"), "line": str(line), "col": str(column)}
        properties |= {"endLine": str(end_line)}
        if end_line == line:  # only within a line does a column end it
            properties["endColumn"] = str(end_column)
    text = "\n".join([diagnostic.title, *diagnostic.notes, *(f"help: {help}" for help in diagnostic.helps)])
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[diagnostic.severity]} {shown}::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
