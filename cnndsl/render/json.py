"""Diagnostics for other programs: `{"schema": 1, "diagnostics": [...]}`.

Lines and columns count from 1, columns in characters; `end_column` is just behind the last one.
Places that do not exist are null. `rendered` is the message as the text format prints it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cnndsl.diagnostic import Diagnostic, Fix
from cnndsl.render import text
from cnndsl.source import Span

SCHEMA = 1


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """The diagnostics as one JSON document."""
    return dumps({"diagnostics": [as_object(diagnostic) for diagnostic in diagnostics]})


def dumps(document: dict[str, Any]) -> str:
    """A document with its schema's number, indented, in ASCII: safe on every terminal."""
    return json.dumps({"schema": SCHEMA, **document}, indent=2)


def as_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as JSON's types."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.title,
        **_place(diagnostic.span),
        "labels": [{**_place(label.span), "text": label.text, "primary": label.primary} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
        "rendered": text.render(diagnostic),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(span: Span | None) -> dict[str, Any]:
    line, column = span.position if span else (None, None)
    end_line, end_column = span.end_position if span else (None, None)
    return {
        "file": span.source.name if span else None,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
