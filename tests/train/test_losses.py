"""The losses through the public API: settings, several outputs with weights, both backends alike."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.train.build import load_model
from cnndsl.train.losses import BinaryCrossEntropy, CrossEntropy, Huber

BACKENDS = [name for name, reason in available().items() if reason is None]
CLASSES = "net Classes { input 5 ; fc(8) -> relu ; fc(3) -> softmax }"
YES_NO = "net YesNo { input 5 ; fc(8) -> relu ; fc(2) -> sigmoid }"
TWO = """
net Two {
    input 5
    fc(8) -> relu
    output class: fc(3) -> softmax
    output size: fc(1)
}
"""


def examples(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_loss_of_evaluate_is_that_of_the_outputs(backend: str) -> None:
    x = examples(20)
    y = np.arange(20) % 3
    model = cnndsl.loads(CLASSES).compile(backend=backend, loss=CrossEntropy(0.1, (1.0, 2.0, 3.0)))
    logs = np.log(model.predict(x))
    by_hand = -((0.9 * logs[np.arange(20), y] + 0.1 * logs.mean(axis=1)) * (1 + y)).mean()
    assert model.evaluate(x, y)["loss"] == pytest.approx(by_hand, rel=1e-5)
    model = cnndsl.loads(YES_NO).compile(backend=backend, loss=BinaryCrossEntropy(2.0))
    p, t = model.predict(x), np.stack([y == 0, y > 0], axis=1)
    by_hand = -np.where(t, 2 * np.log(p), np.log(1 - p)).mean()
    assert model.evaluate(x, t)["loss"] == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_losses_of_outputs_are_weighed_and_added(backend: str) -> None:
    x, y = examples(20), {"class": np.arange(20) % 3, "size": np.arange(20.0)[:, None]}
    losses = {"class": "hinge", "size": Huber(delta=2.0)}
    found = {}
    for weights in ({}, {"size": 0.25}, {"class": 3.0, "size": 0.25}):
        text = TWO.replace(" -> softmax", "")
        model = cnndsl.loads(text).compile(backend=backend, loss=losses, loss_weights=weights)
        found[len(weights)] = model.evaluate(x, y)["loss"]
    alone = cnndsl.loads(text).compile(backend=backend, loss={"size": losses["size"]})
    size = alone.evaluate(x, {"size": y["size"]})["loss"]
    assert found[1] == pytest.approx(found[0] - 0.75 * size, rel=1e-5)
    assert found[2] == pytest.approx(3 * (found[0] - size) + 0.25 * size, rel=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_loss_of_each_output_is_told_before_its_weight(backend: str, tmp_path) -> None:
    x, y = examples(20), {"class": np.arange(20) % 3, "size": np.arange(20.0)[:, None]}
    settings = {"loss": {"class": "cross_entropy", "size": "mse"}, "loss_weights": {"size": 0.25}}
    model = cnndsl.loads(TWO).compile(backend=backend, optimizer="sgd", rate=1e-9, **settings)
    found = model.predict(x)
    by_hand = {
        "class_loss": -np.log(found["class"][np.arange(20), y["class"]]).mean(),
        "size_loss": ((found["size"] - y["size"]) ** 2).mean(),
    }
    by_hand["loss"] = by_hand["class_loss"] + 0.25 * by_hand["size_loss"]
    history = model.fit(x, y, validation_data=(x[:7], {name: each[:7] for name, each in y.items()}), verbose=0)
    scores = model.evaluate(x, y, batch_size=7)
    for name, value in by_hand.items():
        assert scores[name] == pytest.approx(value, rel=1e-5)
        assert history[name] == [pytest.approx(value, rel=1e-5)]
    assert list(scores) == ["loss", "class_loss", "size_loss", "class_accuracy"]
    assert history["val_size_loss"] == [pytest.approx(((found["size"] - y["size"])[:7] ** 2).mean(), rel=1e-5)]
    assert cnndsl.loads(CLASSES).compile(backend=backend).evaluate(x, y["class"]).keys() == {"loss", "accuracy"}


TARGETS = {
    "cross_entropy": (CLASSES, lambda y: y),
    "soft_cross_entropy": (CLASSES, lambda y: 0.8 * np.eye(3)[y] + 0.1),
    "hinge": (CLASSES.replace(" -> softmax", ""), lambda y: y),
    "binary_cross_entropy": (YES_NO, lambda y: np.stack([y == 0, y > 0], axis=1)),
    "mse": (CLASSES.replace(" -> softmax", ""), lambda y: np.eye(3)[y]),
    "mae": (CLASSES.replace(" -> softmax", ""), lambda y: np.eye(3)[y]),
    "huber": (CLASSES.replace(" -> softmax", ""), lambda y: 4.0 * np.eye(3)[y]),
}


@pytest.mark.skipif(len(BACKENDS) < 2, reason="only one backend is installed")
@pytest.mark.parametrize("loss", TARGETS)
def test_backends_train_alike(loss: str) -> None:
    text, target = TARGETS[loss]
    x = examples(60)
    y = x[:, :3].argmax(axis=1)
    found = []
    for backend in BACKENDS:
        model = cnndsl.loads(text).compile(backend=backend, optimizer="sgd", rate=0.1, loss=loss)
        found.append(model.fit(x, target(y), epochs=4, batch_size=20, verbose=0)["loss"])
        assert found[-1][-1] < found[-1][0]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-5)


def test_a_saved_model_keeps_the_settings_of_its_losses(tmp_path) -> None:
    model = cnndsl.loads(TWO).compile(backend="numpy", loss={"class": CrossEntropy(smoothing=0.1), "size": "huber"})
    model.save(tmp_path / "two.safetensors")
    loaded = load_model(tmp_path / "two.safetensors", backend="numpy")
    assert {goal.output: goal.loss for goal in loaded.task.goals.values()} == {
        "class": CrossEntropy(smoothing=0.1),
        "size": Huber(),
    }
