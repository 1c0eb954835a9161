"""Edits of a text, which fixes go together, and fixes that are not offered because they do not help."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.diagnostic import Diagnostic, Edit, Fix, Severity
from cnndsl.pipeline import Checked, check
from cnndsl.repair import applied, chosen, edits_of
from cnndsl.source import Source, Span

TEXT = Source("a.cnn", "abcdef")


def edit(start: int, end: int, text: str, source: Source = TEXT) -> Edit:
    return Edit(Span(source, start, end), text)


def problem(*edits: Edit, safe: bool = True) -> Diagnostic:
    return Diagnostic("E201", Severity.ERROR, "no", fixes=(Fix("write it", edits, safe),))


def test_edits_are_applied_whatever_their_order() -> None:
    edits = [edit(4, 6, ""), edit(0, 1, "XY"), edit(2, 2, "+")]
    assert applied(TEXT.text, edits) == applied(TEXT.text, edits[::-1]) == "XYb+cd"


def test_of_fixes_that_touch_the_first_is_chosen() -> None:
    one, touching, apart = problem(edit(0, 2, "x")), problem(edit(2, 3, "y")), problem(edit(4, 5, "z"))
    assert [fix for fix, _ in chosen([one, touching, apart], TEXT)] == [one, apart]


def test_the_same_edit_twice_is_made_once() -> None:
    one = problem(edit(0, 2, "x"))
    fixes = chosen([one, one], TEXT)
    assert applied(TEXT.text, edits_of(fixes)) == "xcdef"


def test_unsafe_fixes_and_those_of_other_files_are_left_alone() -> None:
    unsafe, elsewhere = problem(edit(0, 1, "x"), safe=False), problem(edit(1, 2, "y", Source("b.cnn", "abc")))
    assert chosen([unsafe, elsewhere], TEXT) == []
    assert chosen([unsafe, elsewhere], TEXT, unsafe=True) == [(unsafe, unsafe.fixes[0])]


def titles(checked: Checked) -> list[str]:
    return [fix.title for diagnostic in checked.diagnostics for fix in diagnostic.fixes]


def test_a_fix_that_only_moves_the_mistake_on_is_not_offered() -> None:
    """With a kernel of 4 there is one cell left, which the pool behind it cannot halve."""
    text = "net A {{ input 8x8x1 ; maxpool(2) ; conv(4, 5) ; {} }}"
    assert titles(check(Source("a.cnn", text.format("relu")))) == [
        "pad the input: pad=1",
        "use a smaller kernel: kernel=4",
        "enlarge the input: 10x10",
    ]
    assert titles(check(Source("a.cnn", text.format("maxpool(2)")))) == [
        "pad the input: pad=1",
        "use a smaller kernel: kernel=3",
        "enlarge the input: 12x12",
    ]


@pytest.mark.parametrize(
    "size, wanted",
    [
        ("3x40x1", "5x40"),
        ("(3, 40, 1)", "5x40"),
        ("40x3x1", "40x5"),
        ("3x3x3x1", "5x5x5"),
        ("3x1", "5"),
        ("(3, k, 1)", None),
        ("3x?x1", None),
    ],
)
def test_the_smallest_input_that_does(size: str, wanted: str | None) -> None:
    checked = check(Source("a.cnn", f"net A(k = 40) {{ input {size} ; conv(4, 5) }}"))
    found = [title.removeprefix("enlarge the input: ") for title in titles(checked) if title.startswith("enlarge")]
    assert found == ([wanted] if wanted else [])


def test_a_size_from_the_command_line_is_not_for_the_file_to_mend() -> None:
    source = Source("a.cnn", "net A { input 28x28x1 ; conv(4, 5) }")
    found = titles(check(source, sizes={"": (3, 3, 1)}))
    assert found and not any(title.startswith("enlarge") for title in found)


def test_nothing_of_the_zoo_is_mended_but_files_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "mine.cnn").write_text("block unit(k) { conv(k, 9) }\n")
    own = Source(str(tmp_path / "a.cnn"), 'from "mine.cnn" import unit\nnet A { input 4x4x1 ; unit(8) }\n')
    fixes = [fix for diagnostic in check(own).diagnostics for fix in diagnostic.fixes]
    assert {edit.span.source.name for fix in fixes for edit in fix.edits} == {"mine.cnn", own.name}
    zoo = Source(str(tmp_path / "b.cnn"), 'from "zoo/unet.cnn" import double\nnet B { input 3x3x1 ; double(8) }\n')
    fixes = [fix for diagnostic in check(zoo).diagnostics for fix in diagnostic.fixes]
    assert {edit.span.source.name for fix in fixes for edit in fix.edits} == {zoo.name}
