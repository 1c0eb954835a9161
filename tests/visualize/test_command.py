"""`cnnc visualize`: each way to look writes its picture; what it is not to do is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnndsl
from cnndsl.cli import main
from tests.cli.cnnc import single_line

NET = "net Bars {\n    input 8x8x1\n    conv(4, 3) -> maxout(2) -> maxpool(2)\n    flatten -> fc(2) -> softmax\n}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A net, its weights, 120 images of bars, upright (class 1) or lying, and one of them as a file."""
    made = tmp_path_factory.mktemp("bars")
    (made / "bars.cnn").write_text(NET)
    x, y = np.zeros((120, 8, 8, 1), np.float32), np.arange(120) % 2
    for number, image in enumerate(x):
        image[(slice(None), number % 8) if y[number] else (number % 8, slice(None))] = 0.5 + number / 240
    np.savez(made / "bars.npz", x=x, y=y)
    Image.fromarray((x[3, ..., 0] * 255).astype(np.uint8)).save(made / "bar.png")
    model = cnndsl.load(made / "bars.cnn").compile(backend="numpy", rate=0.05, class_names=("lying", "upright"))
    model.fit(x, y, epochs=6, verbose=0)
    model.save(made / "bars.safetensors")
    return made


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["visualize", "bars.cnn", *arguments, "-w", "bars.safetensors", "--backend", "numpy", "--no-color"])
    said = capsys.readouterr()
    return code, said.out, single_line(said.err)


LOOKS = {
    "filters": ("conv1",),
    "activations": ("conv1", "--image", "bar.png"),
    "top": ("conv1", "--data", "bars.npz", "--count", "3"),
    "maximize": ("--class", "upright", "--method", "ascent(steps=5)"),
    "saliency": ("--data", "bars.npz", "--method", "smoothgrad(samples=2)"),
    "occlusion": ("--image", "bar.png", "--class", "1"),
    "embedding": ("--data", "bars.npz"),
    "equivariance": ("conv1", "--image", "bar.png", "--transform", "rotate", "--amounts", "90"),
    "invariance": ("conv1,maxpool1", "--data", "bars.npz", "--example", "1"),
    "responses": ("maxout1:0", "--image", "bar.png"),
}


@pytest.mark.parametrize("what", LOOKS)
def test_every_look_writes_a_picture(
    what: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(folder)
    target = str(tmp_path / "seen.png")
    code, out, err = run(capsys, what, *LOOKS[what], "-o", target)
    assert (code, err) == (0, "")
    assert f"wrote {target}" in out
    with Image.open(target) as image:
        assert image.format == "PNG" and min(image.size) > 40
    first = (tmp_path / "seen.png").read_bytes()
    found = json.loads(run(capsys, what, *LOOKS[what], "-o", target, "--json")[1])
    assert found["schema"] == 1 and found["what"] == what and found["picture"] == target
    assert (tmp_path / "seen.png").read_bytes() == first, "the same bytes every time"


def test_every_look_is_tried() -> None:
    from cnndsl.cli.visualize import LOOKS as KNOWN

    assert KNOWN.keys() == LOOKS.keys()


def test_numbers_are_those_of_the_functions(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(folder)
    arguments = ("--data", "bars.npz", "--example", "119", "--example", "4", "-o", str(tmp_path / "a.png"), "--json")
    found = json.loads(run(capsys, "saliency", "--class", "upright", *arguments)[1])
    model = cnndsl.load("bars.cnn").compile(backend="numpy")
    model.load("bars.safetensors")
    x = np.load("bars.npz")["x"][[119, 4]]
    np.testing.assert_allclose(found["scores"], model.features(x, at="fc1")[:, 1], rtol=1e-5)
    assert found["units"] == ["softmax1:1"] * 2
    best = json.loads(run(capsys, "top", "softmax1:1", "--data", "bars.npz", *arguments[-3:])[1])["units"]["softmax1:1"]
    logits = model.features(np.load("bars.npz")["x"], at="fc1")[:, 1]
    assert [each["number"] for each in best] == np.argsort(-logits, kind="stable")[:9].tolist()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("filter", "-o", "a.png"), "E054", "did you mean `filters`?"),
        (("filters", "-o", "a.png"), "E053", "looks at a layer or a unit, and none is named"),
        (("filters", "cnov1", "-o", "a.png"), "E063", "did you mean `conv1`?"),
        (("filters", "conv1", "-o", "a.jpg"), "E575", "call it a.png"),
        (("filters", "conv1", "-o", "nowhere/a.png"), "E058", "cannot write"),
        (("filters", "conv1"), "E053", "-o/--output"),
        (("filters", "conv1", "--image", "bar.png", "-o", "a.png"), "E053", "`filters` does not take --image"),
        (("maximize", "conv1:4", "-o", "a.png"), "E572", "has 4 channels, and number 4 was asked for"),
        (("maximize", "conv1:0", "--class", "1", "-o", "a.png"), "E053", "two targets"),
        (("maximize", "conv1:0", "--method", "ascent(stesp=1)", "-o", "a.png"), "E522", "did you mean `steps`?"),
        (("saliency", "-o", "a.png"), "E053", "looks at images"),
        (("saliency", "--image", "no.png", "-o", "a.png"), "E516", "cannot read the image `no.png`"),
        (("saliency", "--image", "bar.png", "--class", "uprigth", "-o", "a.png"), "E521", "did you mean `upright`?"),
        (("saliency", "--image", "bar.png", "--example", "1", "-o", "a.png"), "E053", "examples of --data"),
        (("saliency", "--image", "bar.png", "--method", "lime", "-o", "a.png"), "E521", "grad_cam, gradient"),
        (("activations", "conv1", "--data", "bars.npz", "--example", "120", "-o", "a.png"), "E053", "has 120"),
        (("top", "conv1", "-o", "a.png"), "E053", "looks at data, and none is named"),
        (("equivariance", "conv1", "--image", "bar.png", "--amounts", "x", "-o", "a.png"), "E053", "not `x`"),
        (("equivariance", "conv1", "--image", "bar.png", "--amounts", "0.5", "-o", "a.png"), "E523", "whole number"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], code: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    exit_code, _, err = run(capsys, *arguments)
    assert exit_code in (1, 2) and code in err and words in err, err
    assert not (folder / "a.png").exists()


def test_weights_of_another_net(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "other.cnn").write_text(NET.replace("conv(4", "conv(6"))
    assert main(["visualize", "other.cnn", "filters", "conv1", "-w", "bars.safetensors", "-o", "a.png"]) == 1
    assert "E542" in capsys.readouterr().err
