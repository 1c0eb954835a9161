"""The slopes that everything else is made of, against differences and formulas."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.visualize.probe import Probe
from tests.visualize.helpers import BACKENDS, made, noise

NET = """
net Deep {
    input 8x8x2
    conv(3, 3, pad=1) -> batchnorm -> tanh -> avgpool(2) -> dropout(0.5)
    conv(4, 3) -> tanh
    flatten -> fc(3) -> softmax
}
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_slopes_are_those_of_differences(backend: str) -> None:
    model = cnndsl.loads(NET).compile(backend=backend, seed=3)
    x, rng = noise(3, 8, 8, 2), np.random.default_rng(1)
    for path in ("conv2", "softmax1", "conv1", "input"):
        probe = Probe(model, path)
        along = rng.normal(size=(3, *probe.shape)).astype(np.float32)
        found = probe.slopes(x, along)
        np.testing.assert_allclose(found.scores, (probe.values(x) * along).reshape(3, -1).sum(1), rtol=1e-4, atol=1e-4)
        step = rng.normal(size=x.shape).astype(np.float32)
        ahead, behind = (probe.slopes(x + sign * 1e-2 * step, along).scores for sign in (1, -1))
        rises = (found.inputs * step).reshape(3, -1).sum(axis=1)
        np.testing.assert_allclose(rises, (ahead - behind) / 2e-2, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_softmax_is_left_out_and_its_scores_are_taken(backend: str) -> None:
    model = made(
        "net N { input 1x1x3 ; fc(2, bias=false) -> softmax }",
        backend,
        loss="cross_entropy",
        fc1_weight=[[1, 2, 3], [4, 5, 6]],
    )
    probe, x = Probe(model, "softmax1"), np.ones((1, 1, 1, 3), np.float32)
    assert probe.values(x).tolist() == [[6, 15]]
    assert probe.slopes(x, np.array([[0, 1]], np.float32)).inputs.tolist() == [[[[4, 5, 6]]]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_slopes_on_the_way(backend: str) -> None:
    """y = sum of w a, a = 2 x at every position: the slope in a is w, that in x is 2 w."""
    text = "net N { input 2x2x1 ; conv(1, 1, bias=false) ; flatten -> fc(1, bias=false) }"
    model = made(text, backend, conv1_weight=[[[[2.0]]]], fc1_weight=[[1, 2, 3, 4]])
    probe, x = Probe(model, "fc1", "conv1"), noise(1, 2, 2, 1)
    found = probe.slopes(x, np.ones((1, 1), np.float32))
    assert found.through is not None
    np.testing.assert_allclose(found.through.ravel(), [1, 2, 3, 4])
    np.testing.assert_allclose(found.inputs.ravel(), [2, 4, 6, 8])
    np.testing.assert_allclose(probe.through(x), 2 * x, rtol=1e-6)


def test_looking_changes_nothing() -> None:
    model = cnndsl.loads(NET).compile(backend="numpy")
    before = model.engine.snapshot()
    Probe(model, "conv2").slopes(noise(2, 8, 8, 2), np.ones((2, 2, 2, 4), np.float32))
    after = model.engine.snapshot()
    assert after.numbers == before.numbers
    for name, array in before.arrays.items():
        np.testing.assert_array_equal(after.arrays[name], array)
