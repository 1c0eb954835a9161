"""No false alarms: what is published and what a newcomer copies is clean, with a dozen allows at most."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cnndsl
from cnndsl.files import read_source
from cnndsl.lints import group_of
from cnndsl.pipeline import check

ZOO = Path(cnndsl.__file__).parent / "zoo"
EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = [*sorted(ZOO.glob("*.cnn")), *sorted(EXAMPLES.glob("*.cnn"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_is_clean(path: Path) -> None:
    checked = check(read_source(str(path)))
    assert checked.nets and not checked.diagnostics


def test_at_most_12_allows_are_needed_each_of_defects_and_with_its_reason() -> None:
    found = [
        allow for path in FILES for allow in re.findall(r"cnnc:\s*allow\((.*?)\)(.*)", path.read_text(encoding="utf-8"))
    ]
    assert len(found) <= 12
    for codes, reason in found:
        assert all(group_of(code) == "defects" for code in re.split(r"\s*,\s*", codes))
        assert len(reason.split()) >= 3
