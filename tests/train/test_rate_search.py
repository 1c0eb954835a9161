"""The learning-rate finder, on a loss whose best rate is known."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.diagnostic import CnnError
from cnndsl.train.rate_search import RateSearch

BACKENDS = [name for name, reason in available().items() if reason is None]
#: a parabola in 8 numbers: with inputs +-1 the curvature is 2, so that gradient descent runs away above a rate of 1
NET = "net Line { input 8 ; fc(1, bias=false, init=zeros) }"


def data() -> tuple[np.ndarray, np.ndarray]:
    x = np.where(np.random.default_rng(0).random((64, 8)) < 0.5, -1.0, 1.0).astype(np.float32)
    return x, x.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_finds_where_the_loss_falls_and_ends_where_it_runs_away(backend: str) -> None:
    model = cnndsl.loads(NET).compile(backend=backend, optimizer="sgd", loss="mse")
    before = model.engine.snapshot()
    found = model.find_rate(*data(), low=1e-4, high=100.0, steps=60, batch_size=64)
    assert 1e-3 < found.suggestion < 0.5
    assert len(found.rates) < 60, "far below a rate of 100 the loss has run away"
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e6) / 59, rtol=1e-6)
    after = model.engine.snapshot()
    assert after.numbers == before.numbers
    np.testing.assert_array_equal(after.arrays["fc1.weight"], before.arrays["fc1.weight"])
    assert found.losses[0] == pytest.approx(model.evaluate(*data())["loss"], rel=1e-5)


def test_the_smoothed_losses_are_those_of_the_formula() -> None:
    found = RateSearch((0.1, 0.2, 0.4), (3.0, 1.0, 2.0))
    means = [3.0, (0.09 * 3 + 0.1 * 1) / 0.19, (0.081 * 3 + 0.09 * 1 + 0.1 * 2) / 0.271]
    np.testing.assert_allclose(found.smoothed, means, rtol=1e-12)
    steep = RateSearch((0.01, 0.1, 1.0, 10.0, 100.0), (9.0, 9.0, 1.0, 1.0, 9.0))
    assert steep.suggestion == pytest.approx(1.0)


def test_its_plot(tmp_path: Path) -> None:
    found = RateSearch((0.1, 0.2, 0.4), (3.0, 1.0, 2.0))
    found.save(tmp_path / "rates.svg")
    texts = "".join(ElementTree.parse(tmp_path / "rates.svg").getroot().itertext())
    assert "log10 of the rate" in texts
    assert "falls fastest at" in texts
    assert repr(found).startswith("RateSearch: 3 steps from 1.0e-01 to 4.0e-01; the loss falls fastest at")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"low": 0}, "`low` of find_rate is 0"),
        ({"low": 1.0, "high": 0.1}, "low below high"),
        ({"steps": 2}, "`steps` of find_rate is 2; it must be a whole number of at least 3"),
    ],
)
def test_settings_that_cannot_work(settings, words: str) -> None:
    with pytest.raises(CnnError) as error:
        cnndsl.loads(NET).compile(backend="numpy", loss="mse").find_rate(*data(), **settings)
    assert words in " ".join(str(error.value).split())
