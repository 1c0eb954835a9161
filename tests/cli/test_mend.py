"""`cnnc check` mends files, shows what it would mend, counts, reads standard input, and watches."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnndsl.cli import main
from tests.cli.cnnc import START, environ

TYPOS = "net A {\n    input 28x28x1\n    conv(6, 5) -> rleu # kept\n    flatten -> fc(10) -> sofmax\n}\n"
MENDED = TYPOS.replace("rleu", "relu").replace("sofmax", "softmax")
MISFIT = "net A {\n    input 28x28x1\n    conv(6, 31) -> relu\n    global_avgpool -> flatten -> fc(10)\n}\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("a.cnn")
    path.write_text(TYPOS)
    return path


def test_fix_writes_what_is_safe_and_a_second_run_is_clean(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "a.cnn", "--fix")
    assert code == 0 and said.startswith("mended a.cnn: 2 E201\n")
    assert file.read_text() == MENDED
    changed = file.stat().st_mtime_ns
    code, said = run(capsys, "a.cnn", "--fix")
    assert code == 0 and "mended" not in said
    assert file.stat().st_mtime_ns == changed and file.read_text() == MENDED
    assert [path.name for path in Path().iterdir()] == ["a.cnn"]


def test_diff_shows_and_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "a.cnn", "--diff")
    assert code == 1 and file.read_text() == TYPOS
    assert "-    conv(6, 5) -> rleu # kept\n" in said and "+    conv(6, 5) -> relu # kept\n" in said
    file.write_text(MENDED)
    assert run(capsys, "a.cnn", "--diff") == (0, "")


def test_a_shape_is_mended_only_when_asked_for(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(MISFIT)
    assert run(capsys, "a.cnn", "--fix")[0] == 1 and file.read_text() == MISFIT
    code, said = run(capsys, "a.cnn", "--fix", "--unsafe-fixes")
    assert code == 0 and said.startswith("mended a.cnn: 1 E301") and file.read_text() != MISFIT


def test_line_ends_and_byte_order_marks_stay(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TYPOS.replace("\n", "\r\n").encode())
    run(capsys, "a.cnn", "--fix")
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == data.count(b"\n") and b"softmax" in data


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.parent.chmod(0o500)
    try:
        code, said = run(capsys, "a.cnn", "--fix")
    finally:
        file.parent.chmod(0o700)
    assert code == 2 and "E058" in said and file.read_text() == TYPOS


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["-", "--fix"], "use --diff"),
        (["-", "--watch"], "name a file"),
        (["a.cnn", "--stdin-filename", "b.cnn"], "is for `-`"),
        (["a.cnn", "--unsafe-fixes"], "goes with --fix or --diff"),
        (["a.cnn", "--fix", "--diff"], "one of them"),
    ],
)
def test_options_that_do_not_go_together(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, said = run(capsys, *arguments)
    assert code == 2 and "E053" in said and message in said and file.read_text() == TYPOS


def test_statistics_count_the_codes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "a.cnn", "--statistics")
    assert code == 1
    assert said.splitlines()[0] == "2  E201* there is no layer, block or label called `rleu`"
    assert said.splitlines()[-1] == "* --fix mends these"
    file.write_text(MENDED)
    assert run(capsys, "a.cnn", "--statistics") == (0, "nothing found\n")


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))


def test_standard_input_is_called_as_told_and_imports_from_there(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("sub").mkdir()
    Path("sub/parts.cnn").write_text("block unit(k) { conv(k, 3) -> relu }\n")
    text = 'from "parts.cnn" import unit\nnet B { input 8x8x1 ; unit(4) -> rleu }\n'
    typed(monkeypatch, text)
    code, said = run(capsys, "-", "--stdin-filename", "sub/new.cnn", "--format", "concise")
    assert code == 1 and said == "sub/new.cnn:2:34: error[E201]: there is no layer, block or label called `rleu`\n"
    typed(monkeypatch, TYPOS)
    code, said = run(capsys, "-", "--diff")
    assert code == 1 and said.startswith("--- <stdin>\n")


def test_every_format_says_it_of_a_clean_file_and_of_a_bad_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cnndsl.render import formats

    Path("good.cnn").write_text(MENDED)
    for name in formats():
        assert run(capsys, "good.cnn", "--format", name)[0] == 0
        code, said = run(capsys, "a.cnn", "--format", name)
        assert code == 1 and "rleu" in said


@pytest.mark.slow
def test_watch_checks_again_when_a_file_or_an_import_changes(tmp_path: Path) -> None:
    (tmp_path / "parts.cnn").write_text("block unit(k) { conv(k, 3) -> relu }\n")
    (tmp_path / "a.cnn").write_text('from "parts.cnn" import unit\nnet B { input 8x8x1 ; unit(4) }\n')
    command = [sys.executable, "-u", "-c", START, "check", "a.cnn", "--watch"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environ(), stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        lines, told = iter(process.stdout.readline, ""), iter(process.stderr.readline, "")
        assert "a.cnn: B  8x8x1 -> 6x6x4" in next(lines)
        assert [next(told), next(told)] == ["\n", "watching 2 files; Ctrl-C ends it\n"]
        (tmp_path / "parts.cnn").write_text("block unit(k) { conv(k, 5) -> relu }  # larger\n")
        assert "a.cnn: B  8x8x1 -> 4x4x4" in next(lines)
        assert [next(told), next(told)] == ["\n", "watching 2 files; Ctrl-C ends it\n"]
        (tmp_path / "a.cnn").unlink()
        assert "E001" in next(lines)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        "nn.Conv2d(1, 6, kernel_size=5, padding=2)\n nn.ReLU()\n nn.Flatten()\n nn.Linear(1176, 10)",
        'Conv2D(6, (5, 5), padding="same", strides=2)\n BatchNormalization()\n ReLU()\n Flatten()\n Dense(10)',
        "c1 = conv(6, 5) -> relu\n c1 -> maxpool 2 -> flatten -> fc 10",
        "conv[6, 5] | relu > maxpool<2>\n flatten\n fc 10",
        "a = conv(6, 5) -> relu\n b: conv(6, 1) -> relu\n a + b -> flatten -> fc(10)",
        "for (k, s) in [(4, 1), (8, 2)]:\n  conv(k, 3, stride: s)\n  relu\n flatten -> fc(10)",
    ],
)
def test_what_is_written_out_of_habit_is_mended_to_a_program(body: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cnn"
    path.write_text(f"net A {{\n input 28x28x1\n {body}\n}}\n")
    assert main(["check", "--fix", "--unsafe-fixes", str(path)]) == 0, path.read_text()
