"""Diagnostics for other programs, one JSON object a line: what `json` has in its list."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cnndsl.diagnostic import Diagnostic
from cnndsl.render.json import as_object


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,  # noqa: ARG001  every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    """A line for each diagnostic, in ASCII."""
    return "\n".join(json.dumps(as_object(diagnostic)) for diagnostic in diagnostics)
