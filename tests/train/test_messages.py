"""Every message about data, training and weights, to the letter: `messages/CODE.out` holds what it prints.

`UPDATE_GOLDEN=1 pytest tests/train/test_messages.py` writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import cnndsl
from cnndsl.data import idx, load
from cnndsl.data.sheet import sheet
from cnndsl.errors import augment, checkpoints, data, datasets, images, training, weights
from cnndsl.errors.base import Problem
from cnndsl.train.callbacks import TensorBoard
from cnndsl.train.checkpoints import read
from cnndsl.train.losses import Loss
from cnndsl.train.model import Model
from cnndsl.train.task import choose_metrics
from tests.data.images import png

HERE = Path(__file__).parent / "messages"
NET = """\
net Digits(classes = 3) {
    input 6x6x1
    conv(4, 3) -> relu -> flatten
    fc(classes) -> softmax
}
"""
TWO = "net Two { input left: 4 ; input right: 3 ; concat { | left | right } ; fc(2) -> softmax }"
X, Y = np.zeros((4, 6, 6, 1), np.float32), np.array([0, 1, 2, 0])


def model(text: str = NET, **options: object) -> Model:
    return cnndsl.loads(text, name="digits.cnn").compile(**{"backend": "numpy", **options})


def nan_at(place: tuple[int, ...]) -> np.ndarray:
    x = X.copy()
    x[place] = np.nan
    return x


def diverge() -> None:
    trained = model(optimizer="sgd", rate=0.5)
    trained.engine.step = lambda inputs, targets, rate: (math.nan, {})
    trained.engine.load({"conv1.weight": np.full((4, 3, 3, 1), np.inf, np.float32)})
    trained.fit(X + 300, Y, batch_size=2, verbose=0)


def overflow() -> None:
    trained = model("net Deep { input 2 ; fc(2) -> fc(2) -> fc(1) }", loss="mse", optimizer="sgd", rate=0.01)
    weights = {"fc1": np.eye(2), "fc2": 1e-30 * np.eye(2), "fc3": np.full((1, 2), 1e30)}
    trained.engine.load({f"{name}.weight": array.astype(np.float32) for name, array in weights.items()})
    trained.fit(X[:, 0, :2, 0] + 1, [[1e10]] * 4, verbose=0)


def corrupt() -> None:
    whole = Path("train-images-idx3-ubyte")
    idx.write(whole, np.zeros((5, 4, 4), np.uint8))
    whole.write_bytes(whole.read_bytes()[:-3])
    idx.write("train-labels-idx1-ubyte", np.zeros(5, np.uint8))
    load("mnist:.")


def lacking() -> None:
    np.savez("digits.npz", images=X, labels=Y)
    load("digits.npz")


def truncated() -> None:
    model().save("digits.safetensors")
    Path("digits.safetensors").write_bytes(Path("digits.safetensors").read_bytes()[:200])
    model().load("digits.safetensors")


def mismatched() -> None:
    cnndsl.loads(NET, set={"classes": 5}).compile(backend="numpy").save("digits.safetensors")
    model().load("digits.safetensors")


def endless_once() -> None:
    batches = iter([(X, Y)])
    model().fit(batches, epochs=2, verbose=0)


def failing() -> None:
    def batches() -> Iterator[object]:
        yield X, Y
        raise OSError("the disk is gone")

    model().fit(batches, verbose=0)


def both() -> None:
    for name, array in (("train-images-idx3-ubyte", X[..., 0].astype(np.uint8)), ("train-labels-idx1-ubyte", Y)):
        idx.write(name, array)
    for name in ("data_batch_1.bin", "test_batch.bin"):
        Path(name).write_bytes(bytes(3073))
    load(".")


def saved(**options: object) -> None:
    model().fit(X, Y, epochs=2, batch_size=2, verbose=0, checkpoints="saved", **options)


def of_a_damaged_checkpoint() -> None:
    saved()
    newest = Path("saved/step-00000004.safetensors")
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    read(newest)


def of_damaged_checkpoints() -> None:
    saved()
    for path in Path("saved").iterdir():
        path.write_bytes(path.read_bytes()[:50])
    saved(resume=True)


def of_another_training() -> None:
    saved()
    other = model(optimizer="sgd", rate=0.5)
    other.fit(X, Y, epochs=1, batch_size=3, verbose=0, checkpoints="saved", resume=True)


def of_a_full_disk() -> None:
    Path("saved").write_text("a file, so that nothing can be made in it")
    saved()


def folder(*images: bytes) -> None:
    Path("cat").mkdir()
    for number, image in enumerate(images):
        Path(f"cat/{number}.png").write_bytes(image)
    load(".").train.whole()


def table() -> None:
    Path("t.csv").write_text("where,breed\na.png,elk\n")
    load("t.csv")


def strangers() -> None:
    for path in ("train/cat/1.png", "train/ant/2.png", "test/cow/3.png"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(png(4, 4, 3))
    load(".")


def without_pillow() -> None:
    with mock.patch.dict(sys.modules, {"PIL": None}):
        folder(b"")


def without_tensorboard() -> None:
    with mock.patch.dict(sys.modules, {"tensorboardX": None}):
        TensorBoard("events")


class Odd(Loss):
    kind = "odd"


CASES: dict[str, Callable[[], object]] = {
    "E501": lambda: model().fit(X.transpose(0, 3, 1, 2), Y),
    "E502": lambda: model().fit([[["a"] * 6] * 6] * 4, Y),
    "E503": lambda: model().fit(np.arange(144, dtype=np.uint8).reshape(4, 6, 6, 1), Y),
    "E504": lambda: model().fit(nan_at((2, 1, 1)), Y),
    "E505": lambda: model().fit(X, Y[:3]),
    "E506": lambda: model().predict(X[:0]),
    "E507": lambda: model().fit(X, np.eye(3)[Y]),
    "E508": lambda: model().fit(X, ["cat", "dog", "cat", "cow"]),
    "E509": lambda: model().fit(X, Y + 1),
    "E510": lambda: model(TWO).predict({"left": np.zeros((2, 4)), "rigth": np.zeros((2, 3))}),
    "E511": lambda: model().evaluate(X),
    "E512": lambda: load("smaple"),
    "E513": lambda: load("mnist:nowhere"),
    "E514": corrupt,
    "E515": lacking,
    "E516": lambda: folder(png(4, 4, 3), b"<html>"),
    "E517": without_pillow,
    "E518": lambda: folder(png(4, 4, 3), png(5, 4, 3)),
    "E519": failing,
    "E520": endless_once,
    "E551": lambda: model().fit([(X, Y), (X, Y, Y)], verbose=0),
    "E552": table,
    "E553": strangers,
    "E554": both,
    "E555": lambda: load((X, Y), validation=1.5),
    "E556": lambda: model().fit(X, Y, augment="crop:size=32", verbose=0),
    "E557": lambda: sheet(load((X[:, 0, 0], Y)).train, "sheet.png"),
    "E521": lambda: model(optimizer="adma"),
    "E522": lambda: model(weight_decay=0.1),
    "E523": lambda: model(optimizer="sgd", momentum=1.5),
    "E524": lambda: model("net Price { input 4 ; fc(1) }"),
    "E525": lambda: choose_metrics("accuracy", Odd(), "output", (3,)),
    "E526": diverge,
    "E528": overflow,
    "E533": lambda: model("net Mask { input 2 ; fc(1) }", loss="binary_cross_entropy").fit(
        X[:, 0, :2, 0], [[-1], [1]] * 2
    ),
    "E527": without_tensorboard,
    "E534": lambda: model(rates={"cnov1": 0.1}),
    "E541": truncated,
    "E542": mismatched,
    "E543": lambda: model().save("nowhere/digits.safetensors"),
    "E544": of_a_damaged_checkpoint,
    "E545": of_another_training,
    "E546": of_damaged_checkpoints,
    "E547": of_a_full_disk,
    "E548": lambda: [saved(), saved()],
}


@pytest.mark.parametrize("code", CASES)
def test_message(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cnndsl.CnnError) as error, np.errstate(all="ignore"):
        CASES[code]()
    found = str(error.value).rstrip() + "\n"
    expected = HERE / f"{code}.out"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]
    assert error.value.diagnostics[0].helps, "every message ends with something to do"


def test_every_message_has_its_text() -> None:
    modules = (augment, checkpoints, data, datasets, images, training, weights)
    classes = {item for module in modules for item in vars(module).values() if isinstance(item, type)}
    codes = {item.code for item in classes if issubclass(item, Problem) and item.code.startswith("E")}
    assert codes == set(CASES) == {path.stem for path in HERE.glob("*.out")}
