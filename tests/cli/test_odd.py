"""What a newcomer may type or have on disk that nobody meant: it ends in a sentence, never in a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.cli import main
from tests.cli.cnnc import GOOD, START, cnnc, write

CLOSED = f"import os; os.close(0); import sys; sys.stdin = None\n{START}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, good=GOOD)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(list(arguments))
    return code, "".join(capsys.readouterr())


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_standard_input_that_is_closed(command: str, folder: Path) -> None:
    done = cnnc(command, "-", folder=folder, code=CLOSED)
    assert done.returncode == 2
    assert "error[E001]: cannot read <stdin>: it is closed" in done.stdout + done.stderr


def test_standard_input_that_is_no_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bytes").write_bytes(b"net \xff\xfe")
    feed = f"import os; os.dup2(os.open('bytes', os.O_RDONLY), 0)\n{START}"
    for command in ("check", "fmt"):
        done = cnnc(command, "-", folder=folder, code=feed)
        assert done.returncode == 2 and "error[E002]: <stdin> is not text in UTF-8" in done.stdout + done.stderr


def test_a_link_to_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "link.cnn").symlink_to("gone.cnn")
    code, text = said(capsys, "check", "link.cnn")
    assert code == 2
    assert text.startswith("error[E001]: cannot read link.cnn: it is a link to gone.cnn, which is not there\n")


def test_a_file_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "summary", "")
    assert code == 2 and text.startswith("error[E001]: cannot read ``: the name is empty\n")


def test_standard_input_where_none_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "summary", "-")
    assert code == 2 and "`check` and `fmt` read standard input as `-`; name a file here" in text


def test_a_file_that_looks_like_an_option(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, **{"-mine": GOOD})
    code, text = said(capsys, "check", "-mine.cnn")
    assert code == 2 and "write a file whose name begins with `-` as `./-mine.cnn`" in text
    assert said(capsys, "check", "./-mine.cnn")[0] == 0


@pytest.mark.parametrize(
    ("word", "help"),
    [
        ("W290", "`W290` is said of an `assert`: fix the size that it waits for, or take the assert out"),
        ("E301", "`E301` is an error's code, and no error is left unsaid"),
        ("unused_outptu", "did you mean `unused_output`?"),
    ],
)
def test_codes_that_are_no_lints(capsys: pytest.CaptureFixture[str], word: str, help: str) -> None:
    code, text = said(capsys, "check", "good.cnn", "--ignore", word)
    assert code == 2 and f"there is no lint `{word}`\n  = help: {help}" in text


def test_a_comma_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check", "good.cnn", "--ignore", "W201, W202,")[0] == 0


def test_a_word_behind_an_option_is_taken_as_if_it_stood_before(capsys: pytest.CaptureFixture[str]) -> None:
    before = said(capsys, "rf", "good.cnn", "conv1@1,2", "--input", "28x28x1")
    assert before[0] == 0 and said(capsys, "rf", "good.cnn", "--input", "28x28x1", "conv1@1,2") == before
    code, text = said(capsys, "rf", "good.cnn", "--json", "conv1", "fc1")
    assert code == 2 and "unrecognized arguments: fc1\n" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--statistics --format json", "--statistics prints a table, not json: leave out --format"),
        ("--diff --format sarif", "--diff prints a diff, not sarif: leave out --format"),
        ("--diff --statistics", "--statistics and --diff: one of them"),
        ("--watch -", "--watch cannot watch standard input: name a file"),
    ],
)
def test_options_of_which_one_would_do_nothing(capsys: pytest.CaptureFixture[str], options: str, message: str) -> None:
    code, text = said(capsys, "check", "good.cnn", *options.split())
    assert code == 2 and f"error[E053]: `cnnc check`: {message}" in text


def test_a_number_of_too_many_digits(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "summary", "good.cnn", "--memory", "--batch", "9" * 30)
    assert code == 2 and f"takes a whole number of at most 18 digits, not `{'9' * 30}`" in text


def test_a_line_of_thousands_of_faults_is_shown_as_fast_as_many_lines(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown of a line does not grow with the line."""
    from cnndsl.render import _cells

    made: list[int] = []

    class Counted(_cells.Row):
        def __init__(self, text: str = "", style: str = "") -> None:
            made.append(len(text))
            super().__init__(text, style)

    monkeypatch.setattr("cnndsl.render._excerpt.Row", Counted)
    for stages in (300, 3000):
        write(folder, long=f"net Long {{ input 8x8x1\n    relu{' -> relu' * stages} -> softmax -> softmax }}\n")
        made.clear()
        assert "error" not in said(capsys, "check", "long.cnn", "--select", "W226")[1]
        assert made and max(made) < 1100
