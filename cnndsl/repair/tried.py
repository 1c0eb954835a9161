"""What a checked file says, with the fixes that have been tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.shapes import KernelTooLarge
from cnndsl.repair.enlarge import enlarged
from cnndsl.repair.proof import Trials, proven

if TYPE_CHECKING:
    from cnndsl.pipeline import Checked, CheckedNet


def tried(found: Checked, trials: Trials, *, resized: bool) -> list[Diagnostic]:
    """The diagnostics with those fixes of errors that help; the first kernel that does not fit has a larger input, too.

    `resized` says that sizes were given from outside, which no edit of the file can change.
    """
    diagnostics = proven(found.diagnostics, trials)
    for checked in found.nets if not resized else ():
        at = _first_misfit(checked, diagnostics)
        if at is not None and len(checked.inputs) == 1:
            diagnostics[at] = enlarged(diagnostics[at], checked, trials)
    return [_agreed(one) if one.code == KernelTooLarge.code and one.fixes else one for one in diagnostics]


def _agreed(diagnostic: Diagnostic) -> Diagnostic:
    """Without the help about the layer alone, if the program as a whole takes another value of an argument it names."""
    whole = dict(fix.title.rpartition(": ")[2].partition("=")[::2] for fix in diagnostic.fixes)
    alone = [way.partition("=")[::2] for text in diagnostic.helps for way in text.split("`")[1::2]]
    differ = any(whole.get(argument, value) != value for argument, value in alone)
    return diagnostic.replace(helps=()) if differ else diagnostic


def _first_misfit(checked: CheckedNet, diagnostics: list[Diagnostic]) -> int | None:
    """The number of the first diagnostic about a kernel that is too large and in this net."""
    mine = {diagnostic.span for diagnostic in checked.diagnostics if diagnostic.code == KernelTooLarge.code}
    numbered = enumerate(diagnostics)
    return next((at for at, one in numbered if one.code == KernelTooLarge.code and one.span in mine), None)
