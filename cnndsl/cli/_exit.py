"""Exit codes: what a script learns from `cnnc`."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostic import Diagnostic, Severity

CLEAN, ERRORS, USAGE, INTERNAL, INTERRUPTED, CLOSED = 0, 1, 2, 3, 130, 141

#: beginnings of the codes that are about the command line, or a file that cannot be read or found
OUTSIDE = ("E0", "E207", "E208", "E512", "E513", "E521", "E522", "E523")
#: beginning of the codes that are about names and values: those of the command line have no place
VALUES = "E2"


def worst(diagnostics: Iterable[Diagnostic], *, warnings_count: bool = False) -> int:
    """USAGE before ERRORS before CLEAN; warnings are clean unless they count."""
    codes = {CLEAN}
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.ERROR:
            given = diagnostic.code.startswith(VALUES) and diagnostic.span is None
            codes.add(USAGE if given or diagnostic.code.startswith(OUTSIDE) else ERRORS)
        elif diagnostic.severity is Severity.WARNING and warnings_count:
            codes.add(ERRORS)
    return max(codes)
