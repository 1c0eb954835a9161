"""Fixes as changes of a text: which of them go together, and what the text is then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnndsl.diagnostic import Diagnostic, Edit, Fix
from cnndsl.source import Source

__all__ = ["applied", "chosen", "edits_of"]


def chosen(diagnostics: Iterable[Diagnostic], source: Source, *, unsafe: bool = False) -> list[tuple[Diagnostic, Fix]]:
    """The fixes to apply to a source together: of each diagnostic the first that is safe, or the first of all.

    A fix that also changes another file, or touches what one before it changes, is left for the next time.
    """
    found: list[tuple[Diagnostic, Fix]] = []
    taken: list[Edit] = []
    for diagnostic in diagnostics:
        fix = next((fix for fix in diagnostic.fixes if fix.safe or unsafe), None)
        if fix is None or any(edit.span.source is not source for edit in fix.edits):
            continue
        new = [edit for edit in fix.edits if edit not in taken]
        if new and not any(_touch(edit, other) for edit in new for other in taken):
            found.append((diagnostic, fix))
            taken += new
    return found


def edits_of(fixes: Iterable[tuple[Diagnostic, Fix]]) -> list[Edit]:
    """Their edits, each once."""
    return list(dict.fromkeys(edit for _, fix in fixes for edit in fix.edits))


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits that do not overlap; of two at one place the first comes first."""
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))[::-1]:
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _touch(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end
