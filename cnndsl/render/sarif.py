"""SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): what code scanning services read.

Columns count characters (`columnKind` unicodeCodePoints); paths are relative URIs. A rule for every code that
is in the results, with its page; fixes as replacements.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from cnndsl.diagnostic import Diagnostic, Edit, Fix, Severity
from cnndsl.render.text import render
from cnndsl.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """The document about these diagnostics alone."""
    return document(diagnostics)


def document(diagnostics: Iterable[Diagnostic], files: Iterable[str] = ()) -> str:
    """One run as a JSON document; `files` are those that were checked."""
    found = list(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    run = {
        "tool": {"driver": {"name": "cnnc", **_version(), "rules": [_rule(code, found) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _location(file)} for file in dict.fromkeys(files)],
        "results": [_result(diagnostic, codes) for diagnostic in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _version() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {"version": version("cnndsl")}
    except PackageNotFoundError:
        return {}


def _rule(code: str, found: list[Diagnostic]) -> dict[str, Any]:
    first = next(diagnostic for diagnostic in found if diagnostic.code == code)
    return {
        "id": code,
        "defaultConfiguration": {"level": LEVELS[first.severity]},
        "help": {"text": f"cnnc explain {code}"},
    }


def _result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, Any]:
    others = [label for label in diagnostic.labels if not label.primary and label.span != diagnostic.span]
    made: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": LEVELS[diagnostic.severity],
        "message": {"text": render(diagnostic)},
        "locations": [{"physicalLocation": _place(diagnostic.span)}] if diagnostic.span else [],
    }
    if others:
        made["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(label.span), "message": {"text": label.text or "here"}}
            for number, label in enumerate(others, start=1)
        ]
    if diagnostic.fixes:
        made["fixes"] = [_fix(fix) for fix in diagnostic.fixes]
    return made


def _fix(fix: Fix) -> dict[str, Any]:
    sources = list(dict.fromkeys(edit.span.source for edit in fix.edits))
    changes = [
        {
            "artifactLocation": _location(source.name),
            "replacements": [_replacement(edit) for edit in fix.edits if edit.span.source is source],
        }
        for source in sources
    ]
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _place(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _location(span.source.name), "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = span.position, span.end_position
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _location(file: str) -> dict[str, str]:
    return {"uri": quote(file.replace("\\", "/"))}
