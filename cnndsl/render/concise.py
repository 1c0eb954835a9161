"""One line a diagnostic, `file:line:column: error[E301]: title`, as editors and `grep` read them."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostic import Diagnostic
from cnndsl.render._cells import paint, visible


def render_all(
    diagnostics: Iterable[Diagnostic],
    *,
    color: bool = False,
    width: int | None = None,  # noqa: ARG001  every format is called alike
) -> str:
    """A line for each diagnostic, never broken; the place is left out where there is none."""
    return "\n".join(_line(diagnostic, color) for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic, color: bool) -> str:
    place = f"{visible(str(diagnostic.span))}: " if diagnostic.span else ""
    head = diagnostic.severity + (f"[{diagnostic.code}]" if diagnostic.code else "")
    title = " ".join(visible(diagnostic.title).split())
    return f"{place}{paint(head, diagnostic.severity.value, color)}: {title}"
