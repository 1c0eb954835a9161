"""`cnnc train` with its folder, `--resume`, `--config`; `cnnc runs`, `eval` and `predict`."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import cnndsl
from cnndsl.cli import _settings, main
from cnndsl.cli._chosen import chosen
from cnndsl.diagnostic import CnnError
from cnndsl.train.build import load_model
from cnndsl.train.checkpoints import Checkpoints, read
from cnndsl.train.optimizers import SGD, Rule
from cnndsl.train.schedules import Cosine, Schedule
from cnndsl.train.weights import load, read_metadata
from tests.cli.cnnc import bars, cnnc

FAST = ["--data", "bars.npz", "--backend", "numpy", "--batch-size", "8", "--rate", "0.02"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    bars(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    return code, *capsys.readouterr()


def train(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code, out, err = run(capsys, "train", *arguments)
    assert (code, err) == (0, ""), err
    return out


# ---- the folder ----------------------------------------------------------------------------------


def test_a_run_keeps_everything(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    train(capsys, "bars.cnn", *FAST, "--epochs", "3", "--validation", "0.25", "--name", "first")
    kept = folder / "runs" / "first"
    names = {path.name for path in kept.iterdir()}
    assert names == {
        *("net.cnn", "settings.toml", "checkpoints", "log.csv", "log.jsonl"),
        *("curves.svg", "last.safetensors", "best.safetensors"),
    }
    assert (kept / "net.cnn").read_text() == (folder / "bars.cnn").read_text()
    settings = tomllib.loads((kept / "settings.toml").read_text())
    assert settings["net"] == "bars.cnn" and settings["batch-size"] == 8 and settings["optimizer"] == "adam"
    with (kept / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"] and "val_accuracy" in rows[0]
    assert ElementTree.parse(kept / "curves.svg").getroot().tag.endswith("svg")
    assert len(list((kept / "checkpoints").iterdir())) == 2


def test_the_settings_of_a_run_make_the_same_run(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    options = ["--optimizer", "sgd(momentum=0.9, nesterov=true)", "--schedule", "cosine", "--seed", "3"]
    train(capsys, "bars.cnn", *FAST, *options, "--epochs", "2")
    train(capsys, "--config", "runs/Bars-1/settings.toml")
    one, two = ((folder / "runs" / f"Bars-{number}") for number in (1, 2))
    assert (one / "last.safetensors").read_bytes() == (two / "last.safetensors").read_bytes()
    train(capsys, "--config", "runs/Bars-1/settings.toml", "--seed", "4", "--epochs", "1")
    assert _settings.read("runs/Bars-3/settings.toml") == _settings.read("runs/Bars-1/settings.toml") | {
        "seed": 4,
        "epochs": 1,
    }


def test_going_on_is_as_if_it_had_never_stopped(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A run of four epochs, one that was two and went on, and one that died before its first checkpoint."""
    train(capsys, "bars.cnn", *FAST, "--epochs", "4", "--name", "whole")
    train(capsys, "bars.cnn", *FAST, "--epochs", "2", "--name", "parts")
    (folder / "bars.cnn").write_text("net Other { input 3 ; fc(2) -> softmax }")  # what is kept counts
    out = train(capsys, "--resume", "parts", "--epochs", "4")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("epoch")] == ["3/4", "4/4"]
    runs = folder / "runs"
    shutil.copytree(runs / "whole", runs / "dead")
    for path in (runs / "dead").iterdir():
        if path.name not in ("net.cnn", "settings.toml"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    train(capsys, "--resume", "dead")
    expected = load(runs / "whole" / "last.safetensors")[0]
    for name in ("parts", "dead"):
        found = load(runs / name / "last.safetensors")[0]
        assert all(np.array_equal(found[key], array) for key, array in expected.items())
        log = [json.loads(line) for line in (runs / name / "log.jsonl").read_text().splitlines()]
        assert [epoch["epoch"] for epoch in log] == [1, 2, 3, 4]
    assert "nothing was left to do: 4 epochs are done; --epochs 8 goes on" in train(capsys, "--resume", "whole")


def test_going_on_does_not_need_the_files_that_were_imported(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "head.cnn").write_text("block head(k) { relu -> flatten -> fc(k) -> softmax }")
    (folder / "two.cnn").write_text(
        'from "parts/head.cnn" import head\nnet Two { input 6x6x1 ; conv(2, 3) -> head(2) }'
    )
    train(capsys, "two.cnn", *FAST, "--name", "one")
    assert (folder / "runs" / "one" / "imports" / "parts" / "head.cnn").is_file()
    (folder / "parts" / "head.cnn").write_text("block head(k) { relu -> flatten -> fc(9) -> relu -> fc(k) -> softmax }")
    assert "epoch 2/2" in train(capsys, "--resume", "one", "--epochs", "2")
    shutil.rmtree(folder / "parts")
    assert "epoch 3/3" in train(capsys, "--resume", "one", "--epochs", "3")
    assert "accuracy" in run(capsys, "eval", "-w", "runs/one/last.safetensors", "--data", "bars.npz")[1]


def test_early_stopping_needs_a_validation_part(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "train", "bars.cnn", *FAST, "--stop-early", "2")
    assert code == 2 and "--stop-early needs a validation part" in err and "--validation 0.1" in err
    options = ["--epochs", "50", "--rate", "1e-9", "--stop-early", "2", "--validation", "0.25"]
    out = train(capsys, "bars.cnn", *FAST, *options)
    assert out.count("epoch ") < 50


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--data", "bars.npz"], 2, "FILE is missing"),
        (["bars.cnn"], 2, "--data is missing"),
        (["--resume"], 2, "there is no run yet in `runs`"),
        (["--resume", "Bars"], 2, "there is no run `Bars`"),
        (["bars.cnn", "--data", "bars.npz", "--validation", "1"], 2, "from 0 to below 1"),
        (["bars.cnn", "--data", "bars.npz", "--optimizer", "sgd(momentun=0.9)"], 2, "did you mean `momentum`?"),
        (["bars.cnn", "--data", "bars.npz", "--optimizer", "sgd(momentum"], 2, "E521"),
        (["bars.cnn", "--data", "bars.npz", "--schedule", "ReduceLR(("], 2, "E521"),
    ],
)
def test_what_is_missing_or_wrong(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: list[str], code: int, words: str
) -> None:
    found, _, err = run(capsys, "train", *arguments)
    assert found == code and words in err
    assert not (folder / "runs").exists(), "nothing is begun"


def test_a_run_is_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    train(capsys, "bars.cnn", *FAST, "--name", "mine")
    code, _, err = run(capsys, "train", "bars.cnn", *FAST, "--name", "mine")
    assert code == 2 and "E069" in err and "cnnc train --resume mine" in err
    code, _, err = run(capsys, "train", "--resume", "mine", "--batch-size", "4")
    assert code == 1 and "E545" in err and "batch size: 8 in the checkpoint, 4 now" in err
    assert "did you mean `mine`?" in run(capsys, "train", "--resume", "mime")[2]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("epoch = 3", "E084", "did you mean `epochs`?"),
        ("epochs = 'three'", "E084", "takes a whole number of 1 or more"),
        ("epochs = true", "E084", "write a number"),
        ("data = 3", "E084", "write a text in double quotes"),
        ("tensorboard = 'yes'", "E084", "write `true` or `false`"),
        ("set = 3", "E084", "write a table"),
        ("epochs = ", "E083", "here"),
    ],
)
def test_a_file_of_settings_that_is_wrong(
    capsys: pytest.CaptureFixture[str], folder: Path, text: str, code: str, words: str
) -> None:
    (folder / "mine.toml").write_text(f"# mine\n{text}\n")
    found, _, err = run(capsys, "train", "bars.cnn", "--config", "mine.toml")
    assert found == 2 and code in err and words in err and "mine.toml:2" in err


def test_settings_as_toml_come_back() -> None:
    given = {"net": 'a "b".cnn', "data": "mnist:ä", "rate": 1e-5, "tensorboard": True, "set": ["classes=10"]}
    Path("s.toml").write_text(_settings.text(_settings.effective(given)), encoding="utf-8")
    assert _settings.effective(_settings.read("s.toml")) == _settings.effective(given)
    Path("t.toml").write_text('batch_size = 3\n[set]\nclasses = 10\nkind = "relu"\n')
    assert _settings.read("t.toml") == {"batch-size": 3, "set": ["classes=10", "kind=relu"]}
    with pytest.raises(CnnError, match="E083"):
        _settings.read("nowhere.toml")


def test_choices_with_settings() -> None:
    assert chosen(Rule, "sgd(momentum=0.9, nesterov=true)", rate=0.5) == SGD(rate=0.5, momentum=0.9, nesterov=True)
    assert chosen(Rule, "sgd(rate=0.1)", rate=0.5) == SGD(rate=0.1)
    assert chosen(Schedule, " cosine ") == Cosine()


def test_what_is_put_around_an_optimizer_reaches_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    """As the checkpoint tells it; the weights that are saved are the running means."""
    options = [
        "--l2",
        "0.001",
        "--clip-norm",
        "1",
        "--accumulate",
        "2",
        "--ema",
        "0.5",
        "--adversarial",
        "fgsm(epsilon=0.1)",
    ]
    train(capsys, "bars.cnn", *FAST, *options, "--name", "one")
    saved = read(Checkpoints("runs/one/checkpoints").files()[0])
    told = saved.training["made"]["optimizer"]
    assert told.startswith("adam(rate=0.02")
    assert all(part in told for part in ("l2=0.001", "clip_norm=1.0", "accumulate=2", "ema=0.5"))
    assert saved.training["made"]["adversarial"].startswith("fgsm(epsilon=0.1")
    last = load("runs/one/last.safetensors")[0]
    assert not np.array_equal(last["conv1.weight"], saved.engine.arrays["conv1.weight"])
    assert "ema:conv1.weight" in saved.engine.arrays


def test_how_the_engine_runs_is_a_setting_of_the_run(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    options = ["--deterministic", "--memory-limit", "1MB", "--recompute", "conv1,relu1"]
    train(capsys, "bars.cnn", *FAST, *options, "--name", "one")
    settings = tomllib.loads((folder / "runs" / "one" / "settings.toml").read_text())
    assert (settings["deterministic"], settings["memory-limit"], settings["recompute"]) == (True, "1MB", "conv1,relu1")
    train(capsys, "--config", "runs/one/settings.toml", "--name", "two")
    for name in ("one", "two"):
        how = read_metadata(folder / "runs" / name / "last.safetensors").engine
        assert (how["deterministic"], how["memory_limit"]) == (True, 1_000_000)
        assert how["recompute"] == ["conv1", "relu1"]
        assert how["plans"][0]["again"] == ["conv1"], "what the pool needs is kept"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--memory-limit", "2gb"], "did you mean `2GB`?"),
        (["--memory-limit", "1kB"], "E622"),
        (["--recompute", "conv1,conv2"], "did you mean `conv1`?"),
    ],
)
def test_an_engine_that_cannot_run_so(capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    code, _, err = run(capsys, "train", "bars.cnn", *FAST, *options)
    assert code in (1, 2) and words in err


# ---- runs ----------------------------------------------------------------------------------------


@pytest.fixture
def two(capsys: pytest.CaptureFixture[str]) -> None:
    train(capsys, "bars.cnn", *FAST, "--epochs", "2", "--validation", "0.25")
    train(capsys, "bars.cnn", *FAST, "--epochs", "1", "--validation", "0.25", "--optimizer", "sgd")


def test_runs_are_listed_and_compared(capsys: pytest.CaptureFixture[str], two: None) -> None:
    code, out, err = run(capsys, "runs")
    assert (code, err) == (0, "")
    assert [line.split()[:3] for line in out.splitlines()[4:]] == [
        ["Bars-1", "bars.npz", "2/2"],
        ["Bars-2", "bars.npz", "1/1"],
    ]
    history = [json.loads(line) for line in Path("runs/Bars-1/log.jsonl").read_text().splitlines()]
    assert f"val_loss {history[-1]['val_loss']:.4f}" in out
    rows = {
        line.split("  ")[0].strip(): line.split()[-2:]
        for line in run(capsys, "runs", "Bars-1", "Bars-2")[1].splitlines()
    }
    assert rows["optimizer"] == ["adam", "sgd"] and rows["epochs"] == ["2", "1"]
    assert "seed" not in rows and rows["val_loss"][0] == f"{history[-1]['val_loss']:.4f}"
    one = run(capsys, "runs", "Bars-1")[1].splitlines()
    assert [line.split()[0] for line in one[-2:]] == ["1", "2"]
    found = json.loads(run(capsys, "runs", "--json")[1])["runs"]
    assert [each["name"] for each in found] == ["Bars-1", "Bars-2"] and found[0]["epochs"] == history


def test_no_runs_yet_and_none_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "runs") == (0, "no runs in `runs` yet: cnnc train FILE --data sample\n", "")
    assert run(capsys, "runs", "mine")[0] == 2
    assert json.loads(run(capsys, "runs", "--json")[1])["runs"] == []


def test_runs_fit_a_narrow_terminal(two: None, folder: Path) -> None:
    for names in ([], ["Bars-1", "Bars-2"]):
        done = cnnc("runs", *names, folder=folder, COLUMNS="40", PYTHONIOENCODING="ascii")
        assert (done.returncode, done.stderr) == (0, "")
        assert max(map(len, done.stdout.splitlines())) <= 40 and done.stdout.isascii()


# ---- eval ----------------------------------------------------------------------------------------


def test_eval_measures_what_the_model_does(capsys: pytest.CaptureFixture[str], two: None) -> None:
    out = run(capsys, "eval", "-w", "Bars-1")[1]
    assert out.startswith("runs/Bars-1/best.safetensors on bars.npz, validation examples: loss ")
    assert "(16 examples)" in out
    code, out, err = run(capsys, "eval", "-w", "runs/Bars-2/last.safetensors", "--data", "bars.npz", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    arrays = np.load("bars.npz")
    model = load_model("runs/Bars-2/last.safetensors")
    assert found["scores"] == pytest.approx(dict(model.evaluate(arrays["x"], arrays["y"])), rel=1e-6)
    assert (found["part"], found["examples"]) == ("train", 64)


def test_eval_without_what_it_needs(capsys: pytest.CaptureFixture[str], two: None) -> None:
    code, _, err = run(capsys, "eval", "-w", "runs/Bars-2/last.safetensors")
    assert code == 2 and "--data is missing" in err
    Path("runs/Bars-2/best.safetensors").unlink()
    Path("runs/Bars-2/last.safetensors").unlink()
    code, _, err = run(capsys, "eval")
    assert code == 2 and "E074" in err and "cnnc train --resume Bars-2" in err


def test_photos_of_any_size_are_brought_to_the_nets(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A folder a class; one file is no image, and is skipped as asked; flips are among the settings that are kept."""
    for number in range(8):
        pixels = np.zeros((9 + number, 12, 3))
        pixels[:, :, number % 2] = 200
        path = folder / "photos" / ("red", "green")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(path, pixels)
    (folder / "photos" / "red" / "broken.png").write_bytes(b"no image")
    (folder / "photo.cnn").write_text("net Photo { input 6x6x3; global_avgpool; fc(2) -> softmax }")
    options = ["--data", "photos", "--backend", "numpy", "--corrupt", "skip", "--augment", "flip", "--epochs", "2"]
    code, _, err = run(capsys, "train", "photo.cnn", *options, "--rate", "0.3")
    assert code == 0 and "W516" in err and "broken.png" in err
    assert _settings.read("runs/Photo-1/settings.toml")["augment"] == "flip"
    code, out, err = run(capsys, "eval")
    assert code == 0 and "accuracy 1.0000 (8 examples)" in out
    assert run(capsys, "train", "photo.cnn", "--data", "photos", "--backend", "numpy")[0] == 1
    assert run(capsys, "predict", "photos/red/0.png", "--top", "1", "-w", "Photo-1")[1].startswith(
        "photos/red/0.png: red"
    )


# ---- predict -------------------------------------------------------------------------------------


def picture(path: Path, pixels: np.ndarray) -> None:
    from PIL import Image

    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def test_predict_names_classes_with_their_probabilities(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Bytes are what the net was trained on, so an image is an example of the training data."""
    arrays = np.load("bars.npz")
    names = np.array(["lying", "upright"])
    np.savez("bytes.npz", x=(arrays["x"] * 255).astype(np.uint8), y=arrays["y"], class_names=names)
    train(capsys, "bars.cnn", *FAST, "--data", "bytes.npz", "--epochs", "8")
    for number in range(4):
        picture(folder / "images" / f"{number}.png", arrays["x"][number, :, :, 0] * 255)
    code, out, err = run(capsys, "predict", "images")
    assert (code, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines()] == [
        [f"images/{number}.png:", ("lying", "upright")[number % 2]] for number in range(4)
    ]
    found = json.loads(run(capsys, "predict", "images/1.png", "images", "--json", "--top", "1")[1])["images"]
    assert [item["image"] for item in found] == ["images/1.png", *(f"images/{n}.png" for n in range(4))]
    expected = load_model("runs/Bars-1/last.safetensors").predict(arrays["x"][:4])
    shares = [item["guesses"][0]["probability"] for item in found[1:]]
    assert shares == pytest.approx(expected.max(axis=1).tolist(), rel=1e-5)
    assert all(len(item["guesses"]) == 1 for item in found)


def test_predict_goes_on_behind_a_broken_image(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    train(capsys, "bars.cnn", *FAST)
    picture(folder / "good.png", np.full((12, 20, 3), 90))
    (folder / "bad.png").write_bytes(b"no picture")
    code, out, err = run(capsys, "predict", "bad.png", "good.png")
    assert code == 1 and "E516" in err and "bad.png" in err
    assert "check its name" in err and "train on the others" not in err
    assert out.startswith("good.png: ") and out.count("%") == 2
    (folder / "empty").mkdir()
    assert "E075" in run(capsys, "predict", "empty")[2]
    cnndsl.loads("net Vectors { input 4 ; fc(2) -> softmax }").compile(backend="numpy").save("vectors.safetensors")
    code, _, err = run(capsys, "predict", "good.png", "-w", "vectors.safetensors")
    assert code == 2 and "E076" in err


def test_scores_become_probabilities() -> None:
    from cnndsl.train.sights import probabilities

    np.testing.assert_allclose(probabilities(np.array([[0.25, 0.75]])), [[0.25, 0.75]])
    np.testing.assert_allclose(probabilities(np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    np.testing.assert_allclose(probabilities(np.array([[0.2], [0.9]])), [[0.8, 0.2], [0.1, 0.9]])
    np.testing.assert_allclose(probabilities(np.array([[0.5], [np.log(3)]]))[1], [0.25, 0.75])
