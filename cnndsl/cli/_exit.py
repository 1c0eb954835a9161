"""Exit codes: what a script learns from `cnnc`."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostic import Diagnostic, Severity

CLEAN, ERRORS, USAGE, INTERNAL, INTERRUPTED, CLOSED = 0, 1, 2, 3, 130, 141

#: beginnings of the codes that are about the command line, or a file that cannot be read or found
OUTSIDE = ("E0", "E207", "E208", "E512", "E513", "E521", "E522", "E523")


def worst(diagnostics: Iterable[Diagnostic], *, warnings_count: bool = False) -> int:
    """USAGE before ERRORS before CLEAN; warnings are clean unless they count."""
    codes = {CLEAN}
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.ERROR:
            codes.add(USAGE if diagnostic.code.startswith(OUTSIDE) else ERRORS)
        elif diagnostic.severity is Severity.WARNING and warnings_count:
            codes.add(ERRORS)
    return max(codes)
