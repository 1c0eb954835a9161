"""What is known about where a command prints to."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TextIO

import pytest

from cnndsl.cli import _terminal
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError, Diagnostic, Label, Severity
from cnndsl.source import Source, Span
from tests.cli.cnnc import START, cnnc, environ

SCREEN_NAMES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCREEN_NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Screen(), {}, True),
        (io.StringIO(), {}, False),
        (Screen(), {"NO_COLOR": "1"}, False),
        (Screen(), {"NO_COLOR": ""}, True),
        (Screen(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (None, {}, False),
    ],
)
def test_colours(
    monkeypatch: pytest.MonkeyPatch, stream: TextIO | None, environment: dict[str, str], wanted: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Terminal(stream).color is wanted
    assert Terminal(stream, color=False).color is False


def test_width_is_the_terminals_or_what_columns_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Terminal(io.StringIO()).width is None
    monkeypatch.setenv("COLUMNS", "40")
    assert Terminal(io.StringIO()).width == 40
    monkeypatch.setenv("COLUMNS", "wide")
    assert Terminal(Screen()).width is None


def test_the_process_may_have_no_output_at_all() -> None:
    terminal = Terminal(None)
    terminal.print("x")
    terminal.flush()
    assert terminal.width is None and not terminal.color


def test_a_full_disk_is_said() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(CnnError, match="cannot write the output: No space left on device"):
        Terminal(Full()).print("x")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_every_terminal_can_show_every_message(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    _terminal.prepare()
    source = Source("net.cnn", 'let 漢字 = "é" + wrong')
    start = source.text.index("wrong")
    label = Label(Span(source, start, start + 5), "2×3 → 6 …", primary=True)
    Terminal(stream).show([Diagnostic("E1", Severity.ERROR, "no", (label,))])
    stream.flush()
    *_, code, marks = raw.getvalue().decode(encoding).splitlines()
    # 漢字 takes four cells on every terminal, so the carets stay in their column.
    assert marks.index("^^^^^") == len('1 | let 1234 = "e" + ')
    assert code.endswith("wrong")
    assert "2" in marks and "6" in marks


def test_ascii_gets_what_looks_alike() -> None:
    code = f"{START.split(';')[0]}; from cnndsl.cli._terminal import prepare; prepare(); print('a … b × c → d ² é 漢')"
    done = cnnc(code=code, PYTHONIOENCODING="ascii:strict")
    assert (done.stdout, done.stderr) == ("a ... b x c -> d ^2 ? ??\n", "")


def test_a_closed_pipe_is_silent() -> None:
    # the second goes on only when the pipe is closed: otherwise all may be written before
    begin = "import sys; sys.stdout.write('x'); sys.stdout.flush(); sys.stdin.readline(); "
    for before, keep in (("", 0), (begin, 1)):
        command, pipe = [sys.executable, "-c", before + START, "explain"], subprocess.PIPE
        process = subprocess.Popen(command, env=environ(), stdin=pipe, stdout=pipe, stderr=pipe)
        assert process.stdin and process.stdout and process.stderr
        process.stdout.read(keep)
        process.stdout.close()
        process.stdin.close()
        errors = process.stderr.read()
        process.stderr.close()
        assert (process.wait(60), errors) == (141, b"")


def test_a_closed_standard_output_is_no_trouble() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" explain >&-', sys.executable, START],
        env=environ(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_device_is_a_message() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", START, "explain"]
        done = subprocess.run(command, env=environ(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("error[E058]: cannot write the output")
