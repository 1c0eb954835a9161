"""What a checked file says, with the fixes that have been tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.shapes import KernelTooLarge
from cnndsl.repair.enlarge import enlarged
from cnndsl.repair.proof import Trials, proven

if TYPE_CHECKING:
    from cnndsl.pipeline import Checked


def tried(found: Checked, trials: Trials, *, resized: bool) -> list[Diagnostic]:
    """The diagnostics with those fixes of errors that help; the first kernel that does not fit has a larger input, too.

    `resized` says that sizes were given from outside, which no edit of the file can change.
    """
    diagnostics = proven(found.diagnostics, trials)
    misfits = {one.span: at for at, one in reversed([*enumerate(diagnostics)]) if one.code == KernelTooLarge.code}
    for checked in found.nets if not resized else ():
        mine = [one.span for one in checked.diagnostics if one.code == KernelTooLarge.code]
        at = min((misfits[span] for span in mine if span in misfits), default=None)
        if at is not None and len(checked.inputs) == 1:
            diagnostics[at] = enlarged(diagnostics[at], checked, trials)
    return [_agreed(one) if one.code == KernelTooLarge.code and one.fixes else one for one in diagnostics]


def _agreed(diagnostic: Diagnostic) -> Diagnostic:
    """Without the help about the layer alone, if the program as a whole takes another value of an argument it names."""
    whole = dict(fix.title.rpartition(": ")[2].partition("=")[::2] for fix in diagnostic.fixes)
    alone = [way.partition("=")[::2] for text in diagnostic.helps for way in text.split("`")[1::2]]
    differ = any(whole.get(argument, value) != value for argument, value in alone)
    return diagnostic.replace(helps=()) if differ else diagnostic
