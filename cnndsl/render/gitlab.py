"""A Code Quality report of GitLab: a list of issues with fingerprints, as its documentation asks for.

https://docs.gitlab.com/ci/testing/code_quality/ names the fields; paths are relative and use `/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cnndsl.diagnostic import Diagnostic, Severity

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """The document about these diagnostics alone."""
    return document(diagnostics)


def document(diagnostics: Iterable[Diagnostic], files: Iterable[str] = ()) -> str:  # noqa: ARG001
    """The list as one JSON document."""
    seen: dict[str, int] = {}
    return json.dumps([_issue(diagnostic, seen) for diagnostic in diagnostics], indent=2)


def _issue(diagnostic: Diagnostic, seen: dict[str, int]) -> dict[str, Any]:
    span = diagnostic.span
    path = span.source.name.replace("\\", "/") if span else ""
    return {
        "description": f"{diagnostic.code}: {diagnostic.title}",
        "check_name": diagnostic.code,
        "fingerprint": _fingerprint(diagnostic, path, seen),
        "severity": SEVERITIES[diagnostic.severity],
        "location": {"path": path, "lines": {"begin": span.position[0] if span else 1}},
    }


def _fingerprint(diagnostic: Diagnostic, path: str, seen: dict[str, int]) -> str:
    """The same when lines are added elsewhere: from the file, the code and the text that it points at.

    The second of the same gets another.
    """
    text = diagnostic.span.text if diagnostic.span else diagnostic.title
    same = sha256("\0".join((path, diagnostic.code, text)).encode()).hexdigest()
    seen[same] = seen.get(same, 0) + 1
    return same if seen[same] == 1 else sha256(f"{same}{seen[same]}".encode()).hexdigest()
