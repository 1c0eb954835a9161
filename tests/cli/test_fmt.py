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


@pytest.mark.parametrize(
    ("option", "code", "shown"), [("--check", 1, "would change <stdin>"), ("--diff", 0, "+    relu")]
)
def test_looking_at_standard_input(
    option: str,
    code: int,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for text, expected in ((ROUGH, code), (SMOOTH, 0)):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        assert main(["fmt", option, "-"]) == expected
        said = capsys.readouterr().out
        assert (shown in said) if text == ROUGH else said == ""


def test_what_differs_only_in_its_line_ends_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(SMOOTH.replace("\n", "\r\n").encode())
    assert main(["fmt", "--diff", str(file)]) == 0
    assert capsys.readouterr().out == f"would change {file}: only the ends of its lines\n"
    assert main(["fmt", str(file)]) == 0
    assert file.read_bytes() == SMOOTH.encode()


def test_a_file_may_be_run_and_read_as_before(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.chmod(0o755)
    assert main(["fmt", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o755
    assert file.read_text() == SMOOTH


def test_a_file_that_is_read_only_is_left_as_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.chmod(0o444)
    assert main(["fmt", str(file)]) == 2
    assert "read-only" in capsys.readouterr().err
    assert file.read_text() == ROUGH


def test_behind_a_link_the_file_itself_is_formatted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = file.with_name("link.cnn")
    link.symlink_to(file)
    assert main(["fmt", str(link)]) == 0
    assert link.is_symlink() and file.read_text() == SMOOTH


def test_a_broken_file_is_left_as_it_is(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("net A { input 4 ; relu")
    assert main(["fmt", str(file)]) == 1
    assert file.read_text() == "net A { input 4 ; relu"
    assert "never closed" in capsys.readouterr().err
