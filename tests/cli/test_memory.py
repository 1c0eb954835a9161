"""`cnnc summary --memory` and `--fits`: what a network needs, and the largest batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl.cli import main
from tests.cli.cnnc import single_line, write

#: 4 x 6x6 values behind the convolution, 4 of its 3x3 filters and biases, 144 x 3 + 3 of the last layer
NET = "net Small {\n    input 8x8x1\n    conv(4, 3) -> relu\n    flatten -> fc(3) -> softmax\n}\n"
PARAMETERS = 4 * (40 + 435)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, small=NET, open="net Open {\n    input ?x?x1\n    conv(4, 3)\n}\n")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["summary", *arguments]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["summary", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_kept_values_stand_in_the_table_and_the_peak_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "small.cnn", "--memory", "--batch", "2", "--optimizer", "sgd")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line}
    assert rows["path"][-2:] == ["kept", "peak"]
    assert rows["conv1"][-3:] == ["1.1", "KiB", "inference"]  # 2 x 4 x 144 bytes, beside the image
    assert rows["fc1"][-3:] == ["24", "B", "training"]  # its gradient is as large as what it reads
    assert rows["relu1"][-1] == "6x6x4"
    assert "memory at batch 2, float32, sgd, cross_entropy\n" in out
    assert "gradients   1.9 KiB\n" in out and "optimizer   0 B of state (none)\n" in out
    assert f"inference   {(PARAMETERS + 2 * 4 * (64 + 144)) / 1024:.1f} KiB at conv1 (forward)" in out


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(run(capsys, "small.cnn", "--memory", "--dtype", "float64", "--json"))
    assert whole["layers"][1]["kept"] == 8 * 144 and whole["layers"][1]["peak"] == ["inference"]
    assert whole["memory"]["parameters"] == 2 * PARAMETERS
    assert whole["memory"]["inference"]["timeline"][0] == {
        "phase": "inputs",
        "path": "",
        "bytes": 2 * PARAMETERS + 8 * 64,
    }


def test_the_plan_of_the_engine_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    out = single_line(run(capsys, "small.cnn", "--memory", "--batch", "2", "--optimizer", "sgd"))
    assert "memory planned by numpy at batch 2, float32, sgd inference" in out
    whole = json.loads(run(capsys, "small.cnn", "--memory", "--batch", "2", "--json"))
    planned = cnndsl.load("small.cnn").compile(backend="numpy").memory_plan(batch=2).to_dict()
    assert whole["plan"]["training"] == planned["training"] and planned["training"]["state"] == 2 * PARAMETERS
    assert "plan" not in json.loads(run(capsys, "small.cnn", "--memory", "--dtype", "float16", "--json"))


def test_the_largest_batches(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "small.cnn", "--fits", "10kB", "--json"))["fits"]
    assert found["inference"]["batch"] == (10_000 - PARAMETERS) // (4 * (64 + 144))
    assert found["room"] == 10_000 and found["inference"]["path"] == "conv1"
    out = run(capsys, "small.cnn", "--fits", "10kB", "--optimizer", "sgd", "--dtype", "float16")
    assert "the largest batch in 10kB, float16, sgd, cross_entropy\n" in out
    assert f"inference   batch {(10_000 - PARAMETERS // 2) // (2 * (64 + 144))}: " in out


@pytest.mark.parametrize("width", ["40", "60", "80"])
def test_it_fits_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    lines = run(capsys, "small.cnn", "--memory", "--fits", "16GB").splitlines()
    assert max(map(len, lines)) <= int(width)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--fits", "16gb"), "error[E091]: `16gb` is not an amount of memory = help: did you mean `16GB`?"),
        (("--memory", "--dtype", "float23"), "error[E521]: there is no type of numbers called `float23`"),
        (("--memory", "--optimizer", "adan"), "did you mean `adam`?"),
        (("--memory", "--loss", "mze"), "did you mean `mse`?"),
        (("--memory", "--batch", "0"), "--batch"),
        (("--dtype", "float16"), "--dtype would change nothing without --memory or --fits"),
        (("--fits", "1GB", "--batch", "3"), "--batch would change nothing without --memory"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    assert words in single_line(refused(capsys, "small.cnn", *arguments))


@pytest.mark.parametrize("option", [["--memory"], ["--fits", "1GB"]])
def test_an_open_extent_is_to_be_given(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    assert main(["summary", "open.cnn", *option]) == 1
    assert "--input" in capsys.readouterr().err
    assert "memory at batch 1" in run(capsys, "open.cnn", "--input", "5x5x1", "--memory")


def test_from_python(capsys: pytest.CaptureFixture[str]) -> None:
    cnndsl.load("small.cnn").summary("memory")
    assert capsys.readouterr().out == run(capsys, "small.cnn", "--memory")
