"""Going on with what a training keeps besides: running means, accumulated gradients, a plateau, attacks, metrics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.train.attacks import PGD
from cnndsl.train.callbacks import Callback
from cnndsl.train.checkpoints import Checkpoints
from cnndsl.train.schedules import Plateau, Warmup

NET = "net N { input 4 ; fc(6, l1=1e-3) -> batchnorm -> relu -> dropout(0.2) ; fc(3) -> softmax }"
OPTIONS = {
    "optimizer": "rmsprop",
    "momentum": 0.9,
    "rate": 0.01,
    "l2": 1e-2,
    "clip_norm": 0.5,
    "accumulate": 3,
    "ema": 0.9,
}


class Crash(Callback):
    """Breaks a training off behind a step, in the middle of what is accumulated."""

    def on_step(self, run) -> None:
        if (run.epoch, run.step) == (3, 4):
            raise RuntimeError("crash")


def train(backend: str, **settings):
    model = cnndsl.loads(NET).compile(
        backend=backend, metrics=("accuracy", "f1", "confusion_matrix"), seed=3, **OPTIONS
    )
    x = np.random.default_rng(0).random((40, 4), np.float32)
    model.fit(
        x,
        x[:, :3].argmax(axis=1),
        epochs=5,
        batch_size=8,
        schedule=Warmup(1, Plateau(0.5, patience=0, measure="f1")),
        adversarial=PGD(0.1, steps=2),
        verbose=0,
        **settings,
    )
    return model


@pytest.mark.parametrize("backend", [name for name, reason in available().items() if reason is None])
def test_a_resumed_training_has_the_same_bits(tmp_path: Path, backend: str) -> None:
    whole = train(backend)
    saving = Checkpoints(tmp_path / "checkpoints", steps=2)
    with pytest.raises(RuntimeError, match="crash"):
        train(backend, checkpoints=saving, callbacks=[Crash()])
    resumed = train(backend, checkpoints=saving, resume=True)
    for name, array in whole.engine.snapshot().arrays.items():
        np.testing.assert_array_equal(resumed.engine.snapshot().arrays[name], array, err_msg=name)
    assert resumed.history["f1"] == whole.history["f1"]
    assert resumed.history["loss"] == whole.history["loss"]
    for name, array in whole.averages().items():
        np.testing.assert_array_equal(resumed.averages()[name], array)
