"""cnnc fmt: in place, --check, --diff, standard input."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnndsl.cli import main

ROUGH, SMOOTH = "net  A{input 4;relu}\n", "net A {\n    input 4\n    relu\n}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.cnn"
    path.write_text(ROUGH)
    return path


def test_in_place_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(file)]) == 0
    assert file.read_text() == SMOOTH
    assert "formatted" in capsys.readouterr().out
    assert main(["fmt", str(file)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("option", "code", "shown"), [("--check", 1, "would change"), ("--diff", 0, "+    relu")])
def test_looking_changes_nothing(
    option: str, code: int, shown: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fmt", option, str(file)]) == code
    assert shown in capsys.readouterr().out
    assert file.read_text() == ROUGH


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(ROUGH.encode())))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == SMOOTH


def test_a_broken_file_is_left_as_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("net A { input 4 ; relu")
    assert main(["fmt", str(file)]) == 1
    assert file.read_text() == "net A { input 4 ; relu"
    assert "never closed" in capsys.readouterr().err
