"""LeNet-5 on the digits that come with the package: both backends train it the same way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl import backends
from cnndsl.data import load
from cnndsl.train.model import Model

LENET = Path(__file__).parents[2] / "examples" / "lenet5.cnn"


def model(backend: str) -> Model:
    return cnndsl.load(LENET).compile(backend=backend, optimizer="adam", seed=0)


@pytest.mark.slow
def test_mlx_trains_the_sample_as_numpy_does() -> None:
    if reason := backends.available()["mlx"]:
        pytest.skip(reason)
    data = load("sample")
    one, other = model("numpy"), model("mlx")
    for name, array in one.engine.arrays().items():
        assert np.array_equal(array, other.engine.arrays()[name]), name
    inputs, targets = {"input": data.x[:64]}, {"output": data.y[:64]}
    first = [float(each.engine.gradients(inputs, targets)[0]) for each in (one, other)]
    assert first[1] == pytest.approx(first[0], rel=1e-5)
    for each in (one, other):
        each.fit(data.x, data.y, epochs=2, batch_size=64, verbose=0)
    accuracies = [each.evaluate(*data.test)["accuracy"] for each in (one, other)]
    # 1,000 test images at 93 %: one standard error is 0.8 points
    assert abs(accuracies[0] - accuracies[1]) < 0.016
    assert min(accuracies) > 0.85
