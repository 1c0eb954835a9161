"""`# cnnc: allow(CODE) reason` where a golden pair cannot show it: other files, errors, chosen lints, fixes."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnndsl
from cnndsl.cli import main
from cnndsl.pipeline import check
from cnndsl.source import Source

IDLE = "net N {{\n    input 8x8x1\n    a: conv(2, 3)\n    conv(2, 3){}\n    a -> relu\n}}\n"


def codes(text: str, **options: object) -> list[str]:
    return [diagnostic.code for diagnostic in check(Source("net.cnn", text), **options).diagnostics]  # type: ignore[arg-type]


def test_an_allow_counts_in_the_file_where_the_lint_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    block = "block unit {{\n    a: conv(2, 3)\n    conv(2, 3){}\n    a -> relu\n}}\n"
    user = (
        'from "unit.cnn" import unit\nnet N {\n    input 8x8x1\n    unit  # cnnc: allow(W201) not the place of it\n}\n'
    )
    Path("net.cnn").write_text(user)
    for comment, expected in (("", ["W201", "W216"]), ("  # cnnc: allow(W201) a trial", ["W216"])):
        Path("unit.cnn").write_text(block.format(comment))
        assert main(["check", "net.cnn", "--format", "concise"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert sorted(line.partition("[")[2][:4] for line in lines) == expected


def test_python_gets_what_is_left_by_default() -> None:
    assert [item.code for item in cnndsl.loads(IDLE.format("")).diagnostics] == ["W201"]
    assert cnndsl.loads(IDLE.format("  # cnnc: allow(W201) a trial")).diagnostics == ()


def test_an_error_is_never_allowed() -> None:
    wrong = "net N {\n    input 4x4x1\n    conv(2, 5)  # cnnc: allow(E301) please\n}\n"
    assert codes(wrong) == ["E301", "W219"]


def test_what_stands_in_a_string_or_in_a_sentence_is_no_allow() -> None:
    assert codes(
        IDLE.replace("x1\n", 'x1\n    assert true, "# cnnc: allow(W201) no"\n').format("  # see cnnc: allow(W201) x")
    ) == ["W201"]


@pytest.mark.parametrize("options", [{"net": "N"}, {"settings": {"k": 3}}, {"sizes": {"": (9, 9, 1)}}])
def test_where_only_a_part_was_checked_an_allow_may_be_for_the_rest(options: dict[str, object]) -> None:
    text = "net N(k = 2) {\n    input 8x8x1\n    conv(k, 3)  # cnnc: allow(W201) elsewhere\n}\n"
    assert codes(text) == ["W216"]
    assert codes(text, **options) == []


def test_an_allow_of_a_lint_that_did_not_run_is_not_unused() -> None:
    from cnndsl.lints import defaults

    text = "net N {\n    input 8x8x1\n    conv(2, 3)  # cnnc: allow(W202) kept\n}\n"
    rules = {rule: severity for rule, severity in defaults().items() if rule.code != "W202"}
    assert (codes(text), codes(text, rules=rules)) == (["W216"], [])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_deleting_unused_allows_leaves_a_program_as_if_they_had_never_been(newline: str) -> None:
    plain = "net N {\n    input 8x8x1\n    conv(2, 3)\n\n    relu # kept\n}\n".replace("\n", newline)
    text = plain.replace("8x8x1", "8x8x1  # cnnc: allow(W201, unused_output) a", 1)
    text = text.replace("    relu", f"    # cnnc: allow(W202) b{newline}    relu")
    while found := check(Source("net.cnn", text)).diagnostics:
        assert {diagnostic.code for diagnostic in found} == {"W216"}
        (edit,) = found[0].fixes[0].edits
        assert found[0].fixes[0].safe
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == plain
