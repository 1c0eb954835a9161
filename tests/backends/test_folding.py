"""Normalizations folded into weights: inference gives what the layers give one by one, and weights stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl import backends, loads
from cnndsl.engine import Running
from cnndsl.train.optimizers import SGD
from tests.backends.build import Build
from tests.backends.gradients import random_targets

NUMPY = backends.load("numpy")
BACKENDS = [name for name, reason in backends.available().items() if reason is None]


def bent(engine, seed=0):
    """Gives all norms statistics, factors and offsets that are not those of the beginning; some factors are below 0."""
    rng, news = np.random.default_rng(seed), {}
    for name, array in engine.arrays().items():
        if name.endswith("variance"):
            news[name] = rng.uniform(1e-4, 3, array.shape)
        elif "batchnorm" in name:
            news[name] = rng.normal(size=array.shape)
    engine.load(news)
    return engine


@pytest.mark.parametrize("backend", BACKENDS)
def test_by_hand(backend):
    """One number: w = 3, b = 1, m = 2, v + eps = 0.25, f = 5, o = 7: y = 5 (3 x + 1 - 2) / 0.5 + 7 = 30 x - 3."""
    net = Build()
    net.batchnorm(net.conv(net.input(2, 1, 1), 1, 1, name="c"), eps=0.05, name="n")
    engine = backends.load(backend).build(net.program())
    numbers = {"c.weight": 3, "c.bias": 1, "n.mean": 2, "n.variance": 0.2, "n.weight": 5, "n.bias": 7}
    engine.load({name: np.full_like(array, numbers[name]) for name, array in engine.arrays().items()})
    x = np.array([[[[2.0]], [[-1.0]]]], np.float32)
    np.testing.assert_allclose(engine.predict({"x": x})["y"].ravel(), [57, -33], rtol=1e-6)


@st.composite
def networks(draw):
    """A map with a normalization behind it, twice; the norms are frozen, so that training, too, sees what they keep."""
    net, rank = Build(), draw(st.integers(1, 3))
    x = net.input(*[draw(st.integers(3, 6)) for _ in range(rank)], 4)
    for _ in range(2):
        groups = draw(st.sampled_from([1, 2, 4]))
        kernel, stride = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        x = net.conv(x, 4 * draw(st.integers(1, 2)), kernel, stride, 1, 1, groups, bias=draw(st.booleans()))
        x = net.relu(net.batchnorm(x, affine=draw(st.booleans()), frozen=True))
    x = net.dense(net.flatten(x), 5, bias=draw(st.booleans()))
    net.squared_error(net.output(net.batchnorm(x, frozen=True)))
    return net.program()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
@given(program=networks(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_inference_is_what_the_layers_give_one_by_one(dtype, tolerance, program, seed):
    """A step of training folds nothing, and with frozen norms its outputs are those of inference."""
    engine = bent(NUMPY.build(program, optimizer=SGD(), dtype=dtype), seed)
    rng = np.random.default_rng(seed)
    x = {"x": rng.normal(size=(3, *program.inputs["x"].shape))}
    targets = random_targets(program, 3, rng)
    found, (loss, evaluated) = engine.predict(x)["y"], engine.evaluate(x, targets)
    plain_loss, plain = engine.step(x, targets)
    scale = np.abs(plain["y"]).max()
    np.testing.assert_allclose(found, plain["y"], rtol=0, atol=tolerance * scale)
    np.testing.assert_array_equal(found, evaluated["y"])
    assert loss == pytest.approx(plain_loss, rel=10 * tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "layer",
    [
        "conv(3, 3, connect=[[0], [0, 2], [1, 2, 3]])",
        "conv(8, 3, groups=4, pad=1)",
        "deconv(6, 3, stride=2)",
        "deconv(4, 2, groups=2)",
        "fc(7)",
    ],
)
def test_any_map(layer, backend):
    """The same net with an output between the two, which keeps them apart."""
    found = []
    for watched in ("", "\n output m"):
        program = loads(f"net A {{ input 5x5x4\n m: {layer}\n n: batchnorm\n output n{watched} }}").program()
        engine = backends.load(backend).build(program)
        engine.load(
            {name: np.abs(np.random.default_rng(5).normal(size=a.shape)) for name, a in engine.arrays().items()}
        )
        x = np.random.default_rng(1).normal(size=(2, 5, 5, 4)).astype(np.float32)
        found.append(engine.predict({"input": x})["n"])
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=2e-5 * np.abs(found[1]).max())


def small():
    net = Build()
    x = net.relu(net.batchnorm(net.conv(net.input(4, 4, 2), 3, 3), momentum=0.5))
    net.squared_error(net.output(net.batchnorm(net.dense(net.flatten(x), 2))))
    return net.program()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_changes_the_weights_changes_predictions_and_inference_changes_no_weight(backend):
    program, kind = small(), backends.load(backend)
    rng = np.random.default_rng(0)
    x = {"x": rng.normal(size=(4, 4, 4, 2)).astype(np.float32)}
    targets = random_targets(program, 4, rng)
    engine = kind.build(program, optimizer=SGD(rate=0.1))

    def fresh():
        other = kind.build(program)
        other.load(engine.arrays())
        return other.predict(x)["y"]

    seen = [engine.predict(x)["y"]]
    start = engine.snapshot()
    for change in (
        lambda: engine.step(x, targets),
        lambda: engine.load({"batchnorm2.mean": np.full(3, 0.3)}),
        lambda: engine.load({"conv1.weight": np.ones((3, 3, 3, 2))}),
        lambda: engine.step(x, targets),
    ):
        change()
        before = engine.arrays()
        seen.append(engine.predict(x)["y"])
        assert not np.array_equal(*seen[-2:])
        np.testing.assert_array_equal(seen[-1], fresh())
        assert all(np.array_equal(before[name], array) for name, array in engine.arrays().items())
    engine.restore(start)
    np.testing.assert_array_equal(engine.predict(x)["y"], seen[0])


def test_copies_are_planned_and_a_limit_of_memory_has_none():
    program = small()
    engine = NUMPY.build(program)
    weights = 3 * 3 * 3 * 2 + 3 + 2 * 12 + 2
    rows = 170 * 3 + 256 * 2  # of biases: as many as make one of up to 512 numbers
    assert engine.planned(4).folded == 4 * (weights + rows)
    assert engine.planned(4).peak - engine.planned(4).arena - engine.planned(4).results >= 2 * 4 * weights
    assert engine.planned(4, training=True).folded == 0
    limited = NUMPY.build(program, running=Running(memory_limit=1 << 30))
    assert limited.planned(4).folded == 4 * rows
    x = {"x": np.random.default_rng(0).normal(size=(4, 4, 4, 2)).astype(np.float32)}
    np.testing.assert_allclose(bent(engine).predict(x)["y"], bent(limited).predict(x)["y"], rtol=1e-4, atol=1e-5)
