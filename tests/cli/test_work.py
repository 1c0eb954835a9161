"""`cnnc new`, `draw`, `train` and `doctor`: the commands that do something."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.cli import main
from tests.cli.cnnc import GOOD, START, bars, environ, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    return code, *capsys.readouterr()


# ---- new -----------------------------------------------------------------------------------------


def test_a_new_file_is_clean_and_says_what_to_do(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, "new", "digits") == (0, "wrote digits.cnn; try `cnnc check digits.cnn`\n", "")
    code, out, _ = run(capsys, "check", "digits.cnn", "--strict", "--error-on-warning")
    assert code == 0 and out.startswith("digits.cnn: digits  28x28x1 -> 10  ")
    commands = re.findall(r"^# \w+ it: +cnnc (.*)", (folder / "digits.cnn").read_text(), re.MULTILINE)
    assert [command.split()[:2] for command in commands] == [[c, "digits.cnn"] for c in ("check", "draw", "train")]
    assert [path.name for path in folder.iterdir()] == ["digits.cnn"]


def test_it_replaces_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "mine.cnn").write_text("precious")
    code, _, err = run(capsys, "new", "mine")
    assert code == 2 and err.startswith("error[E057]: `mine.cnn` is there already")
    assert (folder / "mine.cnn").read_text() == "precious"


@pytest.mark.parametrize("name", ["conv", "let", "7up", "a b", "naïve", "", "x/"])
def test_names_that_no_net_may_have(capsys: pytest.CaptureFixture[str], folder: Path, name: str) -> None:
    code, _, err = run(capsys, "new", name)
    assert code == 2 and err.startswith("error[E05")
    assert not any(folder.iterdir())


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "new", "no/such/mine")
    assert code == 2
    assert err.startswith("error[E058]: cannot write `no/such/mine.cnn`: No such file or directory")


# ---- draw ----------------------------------------------------------------------------------------


def test_draw_writes_what_the_suffix_says(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD)
    assert run(capsys, "draw", "digits.cnn", "-o", "net.dot") == (0, "wrote net.dot\n", "")
    assert (folder / "net.dot").read_text().startswith("digraph")
    code, _, err = run(capsys, "draw", "digits.cnn", "-o", "net.jpg")
    assert code == 1 and err.startswith("error[E650]")


# ---- train ---------------------------------------------------------------------------------------


@pytest.fixture
def data(folder: Path) -> str:
    return bars(folder)


def test_train_learns_and_saves(capsys: pytest.CaptureFixture[str], folder: Path, data: str) -> None:
    options = ["--epochs", "8", "--batch-size", "8", "--rate", "0.02", "--seed", "3", "--backend", "numpy"]
    code, out, err = run(capsys, "train", "bars.cnn", "--data", data, *options, "-o", "bars.safetensors")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Bars on numpy")
    assert lines[0].endswith("kept in runs/Bars-1")
    assert lines[1] == "bars.npz: 64 training examples"
    assert [line.split()[1] for line in lines[2:-1]] == [f"{epoch}/8" for epoch in range(1, 9)]
    assert lines[-1] == "saved 74 trained parameters to bars.safetensors"  # 9*4 + 4, 2*2*4*2 + 2
    model = cnndsl.load("bars.cnn").compile(backend="numpy")
    model.load("bars.safetensors")
    examples = np.load(data)
    assert model.evaluate(examples["x"], examples["y"])["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--data", "smaple"], 2, "E512"),
        (["--data", "missing.npz"], 2, "E513"),
        (["--data", "bars.npz", "--optimizer", "adm"], 2, "adam"),
        (["--data", "bars.npz", "--loss", "crossentropy"], 2, "cross_entropy"),
        (["--data", "bars.npz", "--backend", "numppy"], 1, "numpy"),
        (["--data", "bars.npz", "--input", "10x10x1"], 1, "10x10x1"),
    ],
)
def test_what_does_not_fit_is_said(
    capsys: pytest.CaptureFixture[str], data: str, options: list[str], code: int, said: str
) -> None:
    found, _, err = run(capsys, "train", "bars.cnn", *options)
    assert found == code
    assert err.startswith("error[E") and said in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_control_c_keeps_what_is_learned(folder: Path, data: str) -> None:
    command = [sys.executable, "-c", START, "train", "bars.cnn", "--data", data, "--epochs", "1000000"]
    process = subprocess.Popen(
        [*command, "--backend", "numpy", "-o", "bars.safetensors"],
        env=environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    while not process.stdout.readline().startswith("epoch 2/"):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert "interrupted in epoch" in out and out.endswith("go on with it: cnnc train --resume Bars-1\n")
    assert (folder / "bars.safetensors").is_file()


# ---- doctor --------------------------------------------------------------------------------------


def test_doctor_says_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "doctor")
    assert (code, err) == (0, "")
    found = dict(re.findall(r"^  (\S+) +(.+)$", out, re.MULTILINE))
    assert found["cnndsl"] == cnndsl.__version__
    assert found["numpy"].startswith("works: CPU") or found["numpy"] == np.__version__
    assert {"python", "lark", "rich", "auto", "Graphviz", "folder"} <= found.keys()
    assert "pytest" not in found
