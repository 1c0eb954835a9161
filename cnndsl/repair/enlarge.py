"""The smallest input with which the layers fit, as a fix of a kernel that is too large."""

from __future__ import annotations

from collections.abc import Callable

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic, Edit, Fix
from cnndsl.repair.proof import Trials

#: cells by which an input is enlarged at most
FARTHEST = 1024


def enlarged(diagnostic: Diagnostic, size: syntax.Size, trials: Trials) -> Diagnostic:
    """The diagnostic with one more fix: an input as much larger on every spatial axis as the program needs."""
    *spatial, channels = size.extents
    if not spatial or None in spatial or any(fix.safe for fix in diagnostic.fixes):
        return diagnostic

    def edit(more: int) -> Edit:
        extents = (*(extent + more for extent in spatial if extent is not None), channels)
        return Edit(size.span, "x".join("?" if extent is None else str(extent) for extent in extents))

    more = _least(lambda more: trials.helps([edit(more)]))
    if more is None:
        return diagnostic
    fix = Fix(f"enlarge the input: {edit(more).text}", (edit(more),))
    return diagnostic.replace(fixes=(*diagnostic.fixes, fix))


def _least(fits: Callable[[int], bool]) -> int | None:
    """The least number that fits, if all larger ones do: doubled until one fits, then between the last two."""
    high = 1
    while not fits(high):
        high *= 2
        if high > FARTHEST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
