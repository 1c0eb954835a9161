"""Activations: each against its formula, on both backends; what starts weights with `he`."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

from cnndsl.layers import kinds
from cnndsl.lower import lower
from cnndsl.program import Softmax, Unary
from tests.layers.build import chain, gives, layer, volume

SIZES = ["10", "9x4", "7x7x5", "2x3x4x5", "?x?x3"]
X = np.linspace(-8, 8, 65)


def bend(x, below):
    """x where it is positive, else something of its negative part."""
    return np.where(x > 0, x, below(np.minimum(x, 0)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


FORMULAS = {
    "relu": (layer("relu"), lambda x: np.maximum(x, 0)),
    "relu6": (layer("relu6"), lambda x: np.clip(x, 0, 6)),
    "leaky_relu": (layer("leaky_relu", 0.2), lambda x: bend(x, lambda n: 0.2 * n)),
    "prelu": (layer("prelu"), lambda x: bend(x, lambda n: 0.25 * n)),
    "elu": (layer("elu", 1.5), lambda x: bend(x, lambda n: 1.5 * (np.exp(n) - 1))),
    "selu": (layer("selu"), lambda x: 1.0507009874 * bend(x, lambda n: 1.6732632424 * (np.exp(n) - 1))),
    "celu": (layer("celu", 1.5), lambda x: bend(x, lambda n: 1.5 * (np.exp(n / 1.5) - 1))),
    "gelu": (layer("gelu"), lambda x: x * np.vectorize(lambda v: (1 + erf(v / sqrt(2))) / 2)(x)),
    "silu": (layer("silu"), lambda x: x * sigmoid(x)),
    "mish": (layer("mish"), lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    "softplus": (layer("softplus"), lambda x: np.log1p(np.exp(x))),
    "sigmoid": (layer("sigmoid"), sigmoid),
    "hardsigmoid": (layer("hardsigmoid"), lambda x: np.clip(x + 3, 0, 6) / 6),
    "hardswish": (layer("hardswish"), lambda x: x * np.clip(x + 3, 0, 6) / 6),
    "tanh": (layer("tanh"), np.tanh),
    "lecun_tanh": (layer("lecun_tanh"), lambda x: 1.7159 * np.tanh(2 * x / 3)),
    "softmax": (layer("softmax"), lambda x: np.exp(x) / np.exp(x).sum()),
    "log_softmax": (layer("log_softmax"), lambda x: x - np.log(np.exp(x).sum())),
    "maxout": (layer("maxout", 5), lambda x: x.reshape(-1, 5).max(axis=1)),
}


def test_every_activation_has_its_formula_here():
    assert FORMULAS.keys() == {kind for kind, cls in kinds().items() if cls.family == "activation"}


@pytest.mark.parametrize("kind", FORMULAS)
def test_the_formula(run, kind):
    made, formula = FORMULAS[kind]
    np.testing.assert_allclose(run(X, made), formula(X), rtol=2e-5, atol=2e-6)


def test_gelu_has_an_approximation(run):
    expected = 0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)))
    np.testing.assert_allclose(run(X, layer("gelu", approximate=True)), expected, rtol=2e-5, atol=2e-6)
    difference = np.abs(expected - run(X, layer("gelu")))
    assert 1e-4 < difference.max() < 5e-4


def test_what_could_overflow_does_not(run):
    large = np.array([-1000.0, -100.0, 100.0, 1000.0])
    for kind in FORMULAS.keys() - {"maxout"}:
        assert np.isfinite(run(large, FORMULAS[kind][0])).all(), kind
    np.testing.assert_allclose(run(large, layer("softplus")), [0, 0, 100, 1000], atol=1e-30)


@pytest.mark.parametrize("kind", sorted(FORMULAS.keys() - {"maxout"}))
def test_the_volume_stays_as_it_is(kind):
    made = layer(kind)
    assert [gives(made, size) for size in SIZES] == SIZES
    assert made.macs(volume("7x7x5")) == 0


def test_a_function_of_each_value_is_one_step():
    (step,) = lower(chain("7x7x5", layer("leaky_relu", 0.2))).steps
    assert step.primitive == Unary("leaky_relu", (0.2,)) and step.output.shape == (7, 7, 5)
    (step,) = lower(chain("7x7x5", layer("softmax"))).steps
    assert step.primitive == Softmax()


def test_maxout_takes_consecutive_channels():
    assert gives(layer("maxout", 4), "7x7x12") == "7x7x3"
    assert gives(layer("maxout"), "?x?x?") == "?x?x?"


def test_a_slope_for_each_channel():
    (slope,) = layer("prelu").arrays(volume("7x7x5"))
    assert (slope.name, slope.shape, slope.start.amount) == ("weight", (5,), 0.25)
    assert slope.role == "norm", "no weight decay"


def test_he_is_for_what_rectifies():
    assert {kind for kind, cls in kinds().items() if cls.rectifies} == {
        "relu", "relu6", "leaky_relu", "prelu", "elu", "celu", "gelu", "silu", "mish", "softplus", "hardswish",
    }  # fmt: skip
