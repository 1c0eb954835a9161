"""Writing the page to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import NotWritten
from cnndsl.graph import Graph
from cnndsl.replaced import replaced
from cnndsl.report.assembly import assemble


def write(
    graph: Graph, path: str | Path, diagnostics: Iterable[Diagnostic] = (), more: Mapping[str, Any] | None = None
) -> Path:
    """Writes the page of a net beside and renames it, and gives its path. Raises CnnError (E058)."""
    target = Path(path)
    text = assemble(graph, diagnostics, more)
    try:
        with replaced(target) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure
    return target
