"""The command line itself: help, versions, and what is said about wrong words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cnndsl
import cnndsl.cli
from cnndsl.cli import _commands, main
from tests.cli.cnnc import environ

NAMES = _commands.names()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_file_is_a_command() -> None:
    folder = Path(cnndsl.cli.__file__).parent
    assert sorted(NAMES) == sorted(path.stem for path in folder.glob("[a-z]*.py"))
    assert {"check", "summary", "show", "draw", "train", "explain", "doctor", "new", "help"} <= set(NAMES)


@pytest.mark.parametrize("arguments", [(), ("help",), ("-h",), ("--help",)])
def test_alone_it_lists_the_commands(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    for name in NAMES:
        assert f"\n  {name} " in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = run(capsys, name, "-h")
    assert code == 0
    assert f"usage: cnnc {name}" in out
    assert f"\n  cnnc {name}" in out.partition("Examples:")[2]
    assert run(capsys, "help", name)[1] == run(capsys, name, "--help")[1] == out


def test_help_lists_what_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  --format: concise, github, gitlab, json, jsonl, junit, sarif, text" in run(capsys, "help", "check")[1]
    chosen = run(capsys, "help", "train")[1].partition("what can be chosen:")[2]
    for words in ("--data: ", "sample", "mnist:FOLDER", "sgd", "adamw", "cross_entropy", "auto, mlx, numpy"):
        assert words in chosen


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert run(capsys, option) == (0, f"cnnc {cnndsl.__version__}\n", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chekc net.cnn", "did you mean `cnnc check`?"),
        ("trian net.cnn", "did you mean `cnnc train`?"),
        ("sumary", "did you mean `cnnc summary`?"),
        ("frobnicate", "the commands are calibrate, check,"),
        ("net.cnn", "`cnnc check net.cnn` checks this file"),
        ("help chekc", "did you mean `cnnc check`?"),
        ("--strict check net.cnn", "`cnnc` has no option `--strict`"),
        ("check --formt json net.cnn", "did you mean `--format`?"),
        ("check --format=jsn net.cnn", "did you mean `json`?"),
        ("check --format yaml net.cnn", "it is one of concise, github, gitlab, json, jsonl, junit, sarif, text"),
        ("check --for json net.cnn", "`cnnc check` has no option `--for`"),
        ("check -z net.cnn", "its options are"),
        ("check", "required: FILE"),
        ("check --set", "--set: expected one argument"),
        ("check net.cnn --set classes", "`--set classes` does not give a name a value"),
        ("check net.cnn --set 3=4", "write it as `--set classes=10`"),
        ("check net.cnn --set k=1 --set k=2", "`--set` gives `k` twice"),
        ("check net.cnn --input =", "`--input =` does not give a name a value"),
        ("summary nothere/", "nothere/"),
        ("check *.nothing", "no `.cnn` file in `*.nothing`"),
        ("show net.cnn --stage trea", "did you mean `tree`?"),
        ("summary a.cnn b.cnn", "unrecognized arguments: b.cnn"),
        ("draw net.cnn", "required: -o/--output"),
        ("train net.cnn --dta sample", "did you mean `--data`?"),
        ("train net.cnn --data sample --epochs 0", "--epochs: takes a whole number of 1 or more, not `0`"),
        ("train net.cnn --data sample --epochs two", "not `two`"),
        ("train net.cnn --data sample --rate -1", "takes a number above 0, not `-1`"),
        ("train net.cnn --data sample --rate nan", "takes a number above 0, not `nan`"),
        ("train net.cnn --data sample -o no/such/w.safetensors", "there is no folder `no/such`"),
        ("explain conb", "did you mean `cnnc explain conv`?"),
        ("explain E3O1", "did you mean `cnnc explain E301`?"),
        ("new two-words", "for example: `cnnc new two_words`"),
    ],
)
def test_wrong_words_are_met_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: str,
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *line.split())
    assert (code, out) == (2, "")
    assert err.startswith("error[E0")
    assert expected in err


def test_behind_two_dashes_everything_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "summary", "--", "--strict")
    assert code == 2
    assert "has no option" not in err and "cannot read --strict" in err


def test_it_runs_as_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cnndsl.cli", "--version"], env=environ(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cnnc {cnndsl.__version__}\n", "")
