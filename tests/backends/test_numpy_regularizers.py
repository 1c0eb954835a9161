"""Dropout of whole channels and examples, and noise: the streams of `cnndsl.random`, while training only."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl import random
from cnndsl.primitives import Noise
from cnndsl.program import Dropout
from tests.backends.build import Build
from tests.backends.test_numpy_rules import NUMPY, RNG, Still, slopes


def regularized(primitive, *shape, dtype="float32"):
    net = Build()
    x = net.input(*shape)
    net.squared_error(net.output(net.apply(primitive, x, shape=shape)), "t")
    return NUMPY.build(net.program(), optimizer=Still(), seed=5, dtype=dtype)


@pytest.mark.parametrize("shape", [(6,), (7, 6), (3, 4, 6), (2, 3, 2, 6)])
@pytest.mark.parametrize("whole", ["channel", "example"])
def test_what_is_dropped_together(whole, shape):
    engine, ones = regularized(Dropout(0.4, 2, whole), *shape), np.ones((500, *shape), np.float32)
    cells = (500, 6) if whole == "channel" else (500,)
    for step in range(2):
        y = engine.step({"x": ones}, {"t": ones})[1]["y"]
        mask = np.empty(cells, bool)
        random.kept(random.dropout_key(5, 2), step, 0.4, mask)
        mask = mask.reshape(500, *[1] * (len(shape) - 1), cells[-1] if whole == "channel" else 1)
        np.testing.assert_array_equal(y, np.broadcast_to(mask / np.float32(0.6), y.shape).astype(np.float32))
        assert abs(mask.mean() - 0.6) < 5 * (0.24 / mask.size) ** 0.5
    np.testing.assert_array_equal(engine.predict({"x": ones})["y"], ones)


@pytest.mark.parametrize("whole", ["element", "channel", "example"])
def test_gradients_of_what_is_dropped_together(whole):
    make = lambda net, x: net.apply(Dropout(0.3, 1, whole), net.unary(x, "tanh"), shape=x.shape)  # noqa: E731
    gradients = slopes(make, (3, 5), batch=8)["input:x0"]
    assert 0 < np.count_nonzero(gradients) < gradients.size


def test_noise():
    engine, x = regularized(Noise(0.25, 3), 4, 5, 3), RNG(0).normal(size=(7, 4, 5, 3)).astype(np.float32)
    for step in range(2):
        normals = np.empty(x.shape, np.float32)
        random.noise(random.noise_key(5, 3), step, normals)
        assert abs(normals.std() - 1) < 0.2
        y = engine.step({"x": x}, {"t": x})[1]["y"]
        np.testing.assert_allclose(y, x + 0.25 * normals, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(engine.predict({"x": x})["y"], x)
    np.testing.assert_array_equal(engine.evaluate({"x": x}, {"t": x})[1]["y"], x)


def test_gradients_through_noise():
    noisy = lambda net, x: net.apply(Noise(0.5, 1), x, shape=x.shape)  # noqa: E731
    slopes(noisy, (4, 5))
    slopes(lambda net, x: net.combine("mul", x, noisy(net, net.unary(x, "tanh")), x), (4, 5))
