"""Factors and slopes by channel, normalization of an example, log softmax: against definitions and differences."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.primitives import Affine, LogSoftmax, PRelu, Standardize
from cnndsl.program import Start
from tests.backends.build import Build
from tests.backends.gradients import check
from tests.backends.test_numpy_rules import NUMPY, RNG, run, slopes

SHAPES = [(6,), (5, 6), (3, 4, 6), (2, 3, 2, 6), (200, 70, 6)]


def learned(primitive, shape, names, role="norm"):
    """A program of one step, whose parameters have one number for each channel."""
    net = Build()
    for name in names:
        net.parameter(name, shape[-1:], Start("normal", 1.0), role)
    net.squared_error(net.output(net.apply(primitive, net.input(*shape), shape=shape)), "t")
    return net.program()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("factor", "offset"), [("f", "o"), ("f", None), (None, "o"), (None, None)])
def test_affine(factor, offset, shape):
    program = learned(Affine(factor, offset), shape, filter(None, (factor, offset)))
    engine, x = NUMPY.build(program, dtype="float64"), RNG(0).normal(size=(8, *shape))
    arrays = engine.arrays()
    expected = x * arrays.get("f", 1) + arrays.get("o", 0)
    np.testing.assert_allclose(engine.predict({"x": x})["y"], expected, rtol=1e-12, atol=1e-14)
    if shape[0] < 200:
        check(NUMPY, program, batch=8)
        return
    dy = 2 * (expected - 1) / expected.size
    found = engine.gradients({"x": x}, {"t": np.ones(expected.shape)})[1]
    everywhere = tuple(range(x.ndim - 1))
    wanted = {"f": (dy * x).sum(everywhere), "o": dy.sum(everywhere), "input:x": dy * arrays.get("f", 1)}
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("shape", SHAPES[:4])
def test_prelu(shape):
    program = learned(PRelu("s"), shape, ["s"], "weight")
    engine, x = NUMPY.build(program, dtype="float64"), RNG(0).normal(size=(8, *shape))
    np.testing.assert_allclose(engine.predict({"x": x})["y"], np.where(x > 0, x, x * engine.arrays()["s"]))
    check(NUMPY, program, batch=8)


def test_prelu_at_zero_has_the_learned_slope():
    engine = NUMPY.build(learned(PRelu("s"), (3,), ["s"]), dtype="float64")
    gradients = engine.gradients({"x": np.zeros((1, 3))}, {"t": np.full((1, 3), -1.5)})[1]
    np.testing.assert_allclose(gradients["input:x"][0], engine.arrays()["s"])


def test_given_numbers_have_no_gradient():
    x = RNG(0).normal(size=(2, 4))
    for primitive, names in [(Affine("f", "o"), "fo"), (PRelu("s"), "s")]:
        engine = NUMPY.build(learned(primitive, (4,), names, "constant"), dtype="float64")
        assert engine.gradients({"x": x}, {"t": x})[1].keys() == {"input:x"}


# normalization of each example


def standardize(groups, spatial, eps=1e-3):
    return lambda net, x: net.apply(Standardize(groups, spatial, eps), x, shape=x.shape)


@pytest.mark.parametrize("spatial", [True, False])
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("shape", SHAPES[:4])
def test_standardize(shape, groups, spatial):
    make, size = standardize(groups, spatial), 6 // groups
    given = RNG(0).normal(2, 3, (8, *shape))
    y, (x,) = run(make, shape, x=[given])
    for n in range(8):
        for g in range(groups):
            part = slice(g * size, (g + 1) * size)
            for place in [()] if spatial else np.ndindex(*shape[:-1]):
                values = x[(n, *place, ..., part)]
                expected = (values - values.mean()) / np.sqrt(values.var() + 1e-3)
                np.testing.assert_allclose(y[(n, *place, ..., part)], expected, rtol=1e-9, atol=1e-9)
    slopes(make, shape, batch=8, count=20)


def test_standardize_keeps_its_precision_far_from_zero():
    """Mean 1000, deviation 1, float32: the one-pass formula would lose the variance."""
    x = RNG(0).normal(1000, 1, (3, 60, 50, 4)).astype(np.float32)
    net = Build()
    net.output(standardize(2, True, 1e-9)(net, net.input(60, 50, 4)))
    y = NUMPY.build(net.program()).predict({"x": x})["y"]
    wide = x.astype(np.float64).reshape(3, 60, 50, 2, 2)
    mean, std = (f(axis=(1, 2, 4), keepdims=True) for f in (wide.mean, wide.std))
    np.testing.assert_allclose(y, ((wide - mean) / std).reshape(y.shape), atol=2e-4)


@pytest.mark.parametrize("shape", [(7,), (2, 3, 4)])
def test_log_softmax(shape):
    make = lambda net, x: net.apply(LogSoftmax(), x, shape=x.shape)  # noqa: E731
    y, (x,) = run(make, shape, x=[RNG(0).normal(0, 300, (8, *shape))])
    np.testing.assert_allclose(y, x - np.logaddexp.reduce(x, -1)[..., None], rtol=1e-10, atol=1e-10)
    slopes(make, shape, batch=8)
