"""`cnnc data inspect`: numbers against NumPy and against what is published, and the sheet pixel by pixel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.cli import main
from cnndsl.data import open
from cnndsl.data.inspect import inspect
from cnndsl.data.sheet import COLUMNS, GAP, NAME, SIDE, sheet
from cnndsl.diagnostic import CnnError
from tests.data.images import Image, png, tree


def test_mean_and_deviation_are_numpys() -> None:
    x = np.random.default_rng(0).normal(1000, 2, (700, 3, 4, 3)) * [1, 2, 3]
    found = inspect(open((x, np.arange(700) % 3))).values
    np.testing.assert_allclose(found.mean, x.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found.std, x.std(axis=(0, 1, 2)), rtol=1e-4)
    assert (found.low, found.high) == (np.float32(x.min()), np.float32(x.max())) and found.examples == 700


def test_the_sample_is_like_mnist() -> None:
    """MNIST's published mean and deviation are 0.1307 and 0.3081; the sample holds a twelfth of it."""
    found = inspect(open("sample"))
    assert found.values.mean[0] == pytest.approx(0.1307, abs=0.003)
    assert found.values.std[0] == pytest.approx(0.3081, abs=0.003)
    assert found.sizes == {"train": 5000, "test": 1000} and found.shape == (28, 28, 1)
    assert found.counts == {"train": (500,) * 10, "test": (100,) * 10}
    assert found.balance == "10 classes of 500 examples each"


def test_a_part_of_the_examples_is_evenly_spread() -> None:
    x = np.arange(100.0).reshape(100, 1)
    found = inspect(open((x, np.zeros(100, int))), limit=11).values
    assert found.examples == 11 and (found.low, found.high) == (0, 99)
    assert found.mean[0] == pytest.approx(49.5, abs=0.5)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_line_for_a_net_normalizes_the_data(channels: int) -> None:
    x = np.random.default_rng(1).uniform(0, 1, (500, 4, 4, channels)) ** np.arange(1, channels + 1)
    line = inspect(open((x, np.zeros(500, int)))).line
    net = cnndsl.loads(f"net N {{ input 4x4x{channels} -> {line} -> id }}")
    out = net.compile(backend="numpy", loss="mse").predict(x)
    np.testing.assert_allclose(out.mean(axis=(0, 1, 2)), 0, atol=1e-3)
    np.testing.assert_allclose(out.std(axis=(0, 1, 2)), 1, atol=1e-3)


def test_balance_in_words() -> None:
    def said(*counts: int) -> str:
        y = np.repeat(np.arange(len(counts)), counts)
        return inspect(open((np.zeros((len(y), 2)), y))).balance

    assert said(30, 10) == "2 classes of 10 to 30 examples, the largest 3 times the smallest"
    assert said(30, 0, 10) == "3 classes of up to 30 examples, 1 of them without any"


def test_measurements_have_no_classes() -> None:
    found = inspect(open((np.zeros((4, 2)), np.linspace(0, 1, 4))))
    assert found.counts == {} and "balance" not in str(found)


def test_batches_can_be_inspected() -> None:
    x = np.random.default_rng(0).normal(size=(10, 2, 2, 1))
    found = inspect(open([(x[:4], np.zeros(4)), (x[4:], np.zeros(6))]))
    assert found.sizes == {"train": 10}
    assert found.values.mean[0] == pytest.approx(x.mean(), abs=1e-6)


def test_many_classes_are_counted() -> None:
    page = str(inspect(open((np.zeros((50, 2)), np.arange(50)))))
    assert "10 more" in page and "50 classes of 1 examples" in page


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["data", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_from_the_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, "train/cat/1.png", "train/ant/2.png", "train/cat/3.png", "test/cat/4.png")
    (tmp_path / "train" / "cat" / "5.png").write_bytes(b"<html>")
    code, out, err = run(capsys, "inspect", str(tmp_path))
    assert code == 0 and err == ""
    assert "4 training, 1 test examples of 4x5x3" in out
    assert "train/cat/5.png: it is no image that Pillow knows" in out
    assert "looked at" in out and "3 of the training examples" in out
    assert [line.split() for line in out.splitlines() if " cat " in line] == [["1", "cat", "3", "75.0", "%", "1"]]
    code, out, _ = run(capsys, "inspect", str(tmp_path), "--json", "--shape", "2x2x1")
    found = json.loads(out)
    assert found["shape"] == [2, 2, 1] and found["counts"] == {"train": [1, 3], "test": [0, 1]}
    assert found["mean"][0] == pytest.approx(1 / 255, abs=1e-6)
    code, out, err = run(capsys, "inspect", str(tmp_path), "--corrupt", "fatal")
    assert code != 0 and "error[E516]" in err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("inspcet sample", "`inspect`"),
        ("inspect", "required: DATA"),
        ("inspect nowhere", "`nowhere` names no data"),
        ("inspect sample --shape 28x28", "takes height, width and 1 or 3 channels"),
        ("inspect sample --corrupt never", "`corrupt` of open is 'never'"),
        ("inspect sample --sheet sheet.jpg", "does not end in .png"),
        ("inspect sample --sheet no/such/sheet.png", "no/such/sheet.png"),
    ],
)
def test_wrong_words(tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str], line: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *line.split())
    assert code != 0 and "error[E" in err and words in err
    assert list(tmp_path.iterdir()) == []


def test_narrow_terminals(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    code, out, _ = run(capsys, "inspect", "sample", "--limit", "10")
    assert code == 0 and max(map(len, out.splitlines())) <= 40


def test_a_sheet_has_a_row_for_each_class(tmp_path: Path) -> None:
    for value, path in enumerate(("ant/1", "cat/1", "cat/2")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / f"{path}.png").write_bytes(png(7, 14, 3, value=50 * (value + 1)))
    file = tmp_path / "sheet.png"
    sheet(open(tmp_path).train, file)
    pixels = np.asarray(Image.open(file))
    cell = SIDE // 2
    assert pixels.shape == (GAP + 2 * (cell + GAP), NAME + GAP + COLUMNS * (SIDE + GAP), 3)
    inside = pixels[GAP:, NAME + GAP :]
    for row, column, value in ((0, 0, 50), (1, 0, 100), (1, 1, 150), (0, 1, 255), (1, 2, 255)):
        top, left = row * (cell + GAP), column * (SIDE + GAP)
        assert (inside[top : top + cell, left : left + SIDE] == value).all()
    assert (pixels[GAP : GAP + cell, :NAME] < 128).any()  # the name of the class
    assert [item.name for item in tmp_path.iterdir() if "sheet" in item.name] == ["sheet.png"]


def test_a_sheet_of_measurements_is_a_block(tmp_path: Path) -> None:
    x = np.linspace(-1, 1, 30).reshape(30, 1, 1, 1) * np.ones((1, 2, 2, 1))
    sheet(open((x, np.linspace(0, 1, 30))).train, tmp_path / "s.png")
    pixels = np.asarray(Image.open(tmp_path / "s.png"))
    assert pixels.shape == (GAP + 3 * (SIDE + GAP), GAP + COLUMNS * (SIDE + GAP), 3)
    assert pixels[GAP, GAP].tolist() == [0, 0, 0]
    with pytest.raises(CnnError):
        sheet(open((x[:, 0, 0], np.zeros(30))).train, tmp_path / "t.png")
