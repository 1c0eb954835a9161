"""A fix is offered only if the program then checks: hundreds of broken nets of the zoo, every fix applied."""

from __future__ import annotations

from collections import Counter

import pytest

from cnndsl.repair import applied
from cnndsl.repair.proof import errors
from tests.repair.breakages import misfits

COUNT = 100


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_every_fix_of_500_breakages_mends_its_error_and_brings_no_other(part: int) -> None:
    offered: Counter[str] = Counter()
    mendable = 0
    for broken, checked in misfits(part, COUNT):
        fixes = [fix for diagnostic in checked.diagnostics for fix in diagnostic.fixes]
        mendable += bool(fixes)
        before = errors(checked.diagnostics)
        for fix in fixes:
            offered[fix.title.partition(":")[0]] += 1
            after = broken.check(applied(broken.source.text, fix.edits))
            left = errors(after.diagnostics)
            assert left < before, f"{broken.what}: {fix.title} leaves {left} of {before}"
            if before.total() == 1:
                assert not after.failed, f"{broken.what}: {fix.title}"
    assert mendable >= COUNT / 2, f"only {mendable} of {COUNT} have a fix: {offered}"
    assert {"pad the input", "use a smaller kernel", "enlarge the input"} <= offered.keys()
