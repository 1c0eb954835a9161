"""What the user sees when the compiler itself is at fault, and when it is interrupted."""

from __future__ import annotations

import pytest

from cnndsl.cli import _commands, main
from tests.cli.cnnc import START, cnnc

FAULT = f"""
import cnndsl.cli._commands as commands
def fail(name):
    if {{}}:
        raise {{}}
    import cnndsl.render
    return cnndsl.render.load("no such format")
commands.load = fail
{START}
"""


def test_an_internal_error_asks_for_a_report() -> None:
    done = cnnc("check", code=FAULT.format("False", "None"))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("internal error: ModuleNotFoundError: No module named")
    assert "in cnndsl/render/__init__.py:" in done.stderr
    assert "cnndsl 0." in done.stderr and "Python 3." in done.stderr
    assert "Please report it" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_trace_is_there_for_those_who_ask() -> None:
    done = cnnc("check", code=FAULT.format("False", "None"), CNNDSL_DEBUG="1")
    assert done.returncode == 3
    assert "Traceback (most recent call last)" in done.stderr
    assert "Please report it" in done.stderr


@pytest.mark.parametrize("error", ["RecursionError()", "MemoryError()", "ValueError('two\\nlines')"])
def test_every_exception_is_caught(error: str) -> None:
    done = cnnc("check", code=FAULT.format("True", error))
    assert done.returncode == 3
    assert done.stderr.startswith(f"internal error: {error.partition('(')[0]}")
    assert "Traceback" not in done.stderr


def test_control_c_is_130_and_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_commands, "load", interrupt)
    assert main(["check", "net.cnn"]) == 130
    assert capsys.readouterr() == ("", "")
