"""Choosing lints on the command line and in `[tool.cnnc]` of pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.cli import _project, main
from tests.cli.cnnc import GOOD, cnnc, write

WASTEFUL = "net Idle {\n    input 8x8x1\n    x: conv(4, 3)\n    conv(4, 3)\n    x -> relu\n}\n"
INEXACT = "net Odd {\n    input 8x8x1\n    conv(4, 3, stride=2)\n}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    _project._project.cache_clear()
    write(tmp_path, idle=WASTEFUL, odd=INEXACT)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def settings(text: str, folder: Path = Path()) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "code", "begins"),
    [
        ("", 0, "warning[W201]"),
        ("--ignore W201", 0, "idle.cnn: "),
        ("--ignore W2 --select unused_output", 0, "warning[W201]"),
        ("--ignore=input_without_channels,unused_output", 0, "idle.cnn: "),
        ("--error W201", 1, "error[W201]"),
        ("--error defects --ignore unused_output", 0, "idle.cnn: "),
        ("--select W201,unused", 2, "error[E080]: `--select`: there is no lint `unused`"),
    ],
)
def test_options(capsys: pytest.CaptureFixture[str], options: str, code: int, begins: str) -> None:
    found, out = check(capsys, "idle.cnn", *options.split())
    assert found == code and out.startswith(begins)


def test_a_project_decides_and_the_command_line_has_the_last_word(capsys: pytest.CaptureFixture[str]) -> None:
    settings('[project]\nname = "nets"\n\n[tool.cnnc]\nignore = ["unused_output"]\n')
    assert check(capsys, "idle.cnn") == (0, "idle.cnn: Idle  8x8x1 -> 6x6x4  188 parameters  3,600 MACs\n")
    assert "warning[W201]" in check(capsys, "idle.cnn", "--select", "all")[1]
    assert check(capsys, "idle.cnn", "--error", "W201")[0] == 1


def test_switches(capsys: pytest.CaptureFixture[str]) -> None:
    settings("[tool.cnnc]\nstrict = true\nerror-on-warning = true\n")
    assert check(capsys, "idle.cnn")[0] == 1
    assert "error[E308]" in check(capsys, "odd.cnn")[1]


def test_the_nearest_file_with_a_table_counts_each_file_by_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    settings("[tool.cnnc]\nerror = ['W201']\n")
    for name, text in (("near", "[tool.cnnc]\nignore = ['all']\n"), ("far", "[project]\nname = 'far'\n")):
        settings(text, Path(name))
        write(Path(name), idle=WASTEFUL)
    assert check(capsys, "near")[0] == 0
    code, out = check(capsys, "near", "far")
    assert code == 1 and out.count("error[W201]") == 1 and "far/idle.cnn:4:5" in out.replace("\\", "/")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('[tool.cnnc]\nselect = ["advise"]\n', "E080", ["pyproject.toml:2:12", "`advice`"]),
        ('[tool.cnnc]\nselekt = ["advice"]\n', "E082", ["pyproject.toml:2:1", "did you mean `select`?"]),
        ("[tool.cnnc]\nwidth = 3\n", "E082", ["pyproject.toml:2:1", "it may have select, ignore"]),
        ("[tool.x]\nstrict = 1\n[tool.cnnc]\n  strict = 1\n", "E082", ["pyproject.toml:4:3", "`true` or `false`"]),
        ('[tool.cnnc]\nignore = "W201"\n', "E082", ["pyproject.toml:2:1", "list of lints"]),
        ("[tool.cnnc]\nignore = [1]\n", "E082", ["pyproject.toml:2:1", "list of lints"]),
        ("[tool]\ncnnc = 3\n", "E082", ["[tool.cnnc]", "table"]),
        ("[tool]\ncnnc.strikt = true\n", "E082", ["did you mean `strict`?"]),
        ("[tool.cnnc]\nselect = [\n", "E081", ["pyproject.toml"]),
        ("[tool.cnnc]\nselect = W201\n", "E081", ["pyproject.toml:2:10"]),
        ("[tool.cnnc]\nselect = " + "[" * 5000, "E081", ["pyproject.toml"]),
    ],
)
def test_bad_settings_are_told_with_their_place(
    capsys: pytest.CaptureFixture[str], text: str, code: str, said: list[str]
) -> None:
    settings(text)
    found, out = check(capsys, "idle.cnn")
    assert found == 2 and out.startswith(f"error[{code}]: ")
    assert all(part in out for part in said), out


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[tool.other]\ncnn = 1\n", b""])
def test_a_file_that_says_nothing_of_cnnc_is_left_alone(capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    Path("pyproject.toml").write_bytes(content)
    assert check(capsys, "odd.cnn")[0] == 0


LOADED = """
import sys
from cnndsl.cli import main
code = main(sys.argv[1:])
print(*[name for name in ("tomllib", "cnndsl.lints._selection", "cnndsl.lints._allow") if name in sys.modules])
"""


def test_nothing_of_it_is_imported_where_nothing_of_it_is_used(folder: Path) -> None:
    write(folder, good=GOOD)
    settings('[project]\nname = "nets"\n')
    assert cnnc("check", "good.cnn", folder=folder, code=LOADED).stdout.splitlines()[-1] == ""
    settings("[tool.cnnc]\nignore = ['W201']\n")
    assert "tomllib" in cnnc("check", "good.cnn", folder=folder, code=LOADED).stdout
