"""Golden pairs: `cnnc check case.cnn` prints what `case.out` holds, to the letter.

A first line `# args: --strict` gives further arguments; `# args: :Net` picks a net of the file. The
command runs in this folder, so that the paths in messages are the same everywhere. The last line of
the expected text is the exit code.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cnndsl.cli import _topics, main

HERE = Path(__file__).parent
#: files that only others import begin with `_`
CASES = sorted(path.relative_to(HERE) for path in HERE.rglob("*.cnn") if not path.name.startswith("_"))

#: what no file kept here can bring about, and where it is tested instead
ELSEWHERE = {
    **dict.fromkeys(("W401", "W402", "W403"), "what only the loss or the data show: tests/lints/test_training.py"),
    "E001": "a file that is missing or may not be read: tests/cli/test_check.py",
    "E004": "a file of more than 4 MiB: tests/cli/test_check.py",
    "E118": "a file of more than 250,000 words: tests/elaborate/test_limits.py",
}

#: what is said about command lines, and by commands that take no file
OF_OTHER_COMMANDS = tuple(
    f"cnndsl.errors.{name}"
    for name in ("usage", "settings", "formula", "memory", "devices", "regions", "drawing", "images", "reports", "runs")
)


def arguments(case: Path) -> list[str]:
    """The command line for a case."""
    first = (HERE / case).read_bytes().partition(b"\n")[0].decode("utf-8", "replace")
    extra = shlex.split(first.removeprefix("# args:")) if first.startswith("# args:") else []
    net = extra.pop(0) if extra and extra[0].startswith(":") else ""
    return ["check", case.as_posix() + net, *extra]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_golden(
    case: Path, updating: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COLUMNS", raising=False)
    code = main(arguments(case))
    said = capsys.readouterr()
    assert said.err == ""
    found = f"{said.out}exit {code}\n"
    expected = (HERE / case).with_suffix(".out")
    if updating:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def codes() -> set[str]:
    """The codes that the expected texts show."""
    texts = [(HERE / case).with_suffix(".out").read_text(encoding="utf-8") for case in CASES]
    return {code for text in texts for code in re.findall(r"\b(?:error|warning|advice)\[(\w+)\]: ", text)}


def test_every_message_of_check_is_shown_by_a_case() -> None:
    possible = {
        code
        for code, problem in _topics.problems().items()
        if re.match("E[0-4]|W", code) and problem.__module__ not in OF_OTHER_COMMANDS
    }
    assert sorted(possible - ELSEWHERE.keys() - codes()) == []


def test_nothing_is_left_over() -> None:
    assert {path.relative_to(HERE).with_suffix(".cnn") for path in HERE.rglob("*.out")} <= set(CASES)


def test_every_lint_has_a_flagged_and_a_clean_program() -> None:
    from cnndsl.lints import lints

    for lint in (*lints("defects"), *lints("advice")):
        folder = HERE / "lints" / lint.__module__.rpartition(".")[2]
        assert lint.code in (folder / "flagged.out").read_text(encoding="utf-8")
        assert lint.code not in (folder / "clean.out").read_text(encoding="utf-8")
