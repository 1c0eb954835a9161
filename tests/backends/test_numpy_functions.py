"""Functions of one element and of several in NumPy: values against definitions, gradients against differences."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.program import Unary
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build
from tests.backends.test_numpy_rules import NUMPY, RNG, SHAPES, run, slopes


def unary(function, *amounts):
    return lambda net, x: net.apply(Unary(function, amounts), x, shape=x.shape)


def elu(x, alpha, width=1.0):
    return x if x > 0 else alpha * math.expm1(x / width)


def normal(x):
    """The standard normal distribution."""
    return math.erfc(-x / math.sqrt(2)) / 2


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def gelu_tanh(x):
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


DEFINITIONS = [
    ("relu", (), lambda x: max(x, 0)),
    ("relu6", (), lambda x: min(max(x, 0), 6)),
    ("leaky_relu", (0.1,), lambda x: x if x > 0 else 0.1 * x),
    ("leaky_relu", (0.0,), lambda x: max(x, 0)),
    ("leaky_relu", (1.5,), lambda x: x if x > 0 else 1.5 * x),
    ("leaky_relu", (-0.5,), lambda x: x if x > 0 else -0.5 * x),
    ("elu", (1.0,), lambda x: elu(x, 1)),
    ("elu", (0.3,), lambda x: elu(x, 0.3)),
    ("selu", (), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    ("celu", (2.5,), lambda x: elu(x, 2.5, 2.5)),
    ("gelu", (), lambda x: x * normal(x)),
    ("gelu_tanh", (), gelu_tanh),
    ("silu", (), lambda x: x * sigmoid(x)),
    ("mish", (), lambda x: x * math.tanh(math.log1p(math.exp(x)))),
    ("softplus", (), lambda x: math.log1p(math.exp(x))),
    ("sigmoid", (), sigmoid),
    ("hardsigmoid", (), lambda x: min(max(x / 6 + 0.5, 0), 1)),
    ("hardswish", (), lambda x: x * min(max(x / 6 + 0.5, 0), 1)),
    ("tanh", (), math.tanh),
    ("lecun_tanh", (), lambda x: 1.7159 * math.tanh(2 / 3 * x)),
    ("abs", (), abs),
    ("exp", (), math.exp),
    ("negative", (), lambda x: -x),
    ("multiply", (-2.5,), lambda x: -2.5 * x),
    ("power", (3.0,), lambda x: x**3),
    ("power", (1.0,), lambda x: x),
]


@pytest.mark.parametrize(("function", "amounts", "definition"), DEFINITIONS)
def test_values_and_slopes(function, amounts, definition):
    """On both sides of every kink; in float32 on more elements than are computed at a time."""
    make = unary(function, *amounts)
    x = np.concatenate([RNG(0).normal(0, 3, 300), [-8, -2.5, -1e-9, 1e-9, 2.5, 8.0]]).reshape(1, 3, -1)
    y, _ = run(make, x.shape[1:], x=[x])
    np.testing.assert_allclose(y.reshape(-1), [definition(each) for each in x.flat], rtol=1e-12, atol=1e-15)
    slopes(make, (6, 5), batch=4, spread=1.0 if function in ("exp", "power") else 3.0)
    wide = np.resize(x, (1, 50_000))
    narrow = NUMPY.build(one(make, 50_000)).predict({"x": wide})["y"]
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow[0], [definition(each) for each in wide[0]], rtol=5e-6, atol=2e-6)


def one(make, *shape):
    """A program of one step and a loss."""
    net = Build()
    net.squared_error(net.output(make(net, net.input(*shape))), "t")
    return net.program()


@pytest.mark.parametrize(
    ("function", "amounts", "x", "expected"),
    [
        ("elu", (1.0,), -1e-6, math.expm1(-1e-6)),
        ("elu", (2.0,), -1e-30, -2e-30),
        ("softplus", (), -20, math.exp(-20)),
        ("softplus", (), -80, math.exp(-80)),
        ("silu", (), -60, -60 * math.exp(-60)),
        ("mish", (), -40, -40 * math.exp(-40)),
        ("gelu", (), -5, -5 * normal(-5)),
        ("sigmoid", (), -70, math.exp(-70)),
    ],
)
def test_small_values_have_all_their_digits_in_float32(function, amounts, x, expected):
    y = NUMPY.build(one(unary(function, *amounts), 1)).predict({"x": np.array([[x]])})["y"]
    assert y.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("exponent", [0.5, 1 / 3, 2.0, -1.0])
def test_powers_of_positive_numbers(exponent):
    x = RNG(0).random((4, 6)) + 0.5
    positive = lambda net, x: unary("power", exponent)(net, unary("exp")(net, x))  # noqa: E731
    y, _ = run(unary("power", exponent), (6,), x=[x])
    np.testing.assert_allclose(y, x**exponent, rtol=1e-14)
    slopes(positive, (6,))


def derivative(function, amounts, points):
    """dy/dx at some points; the loss is y^2 / n, of which dy is 2 y / n, so a target of y - n / 2 makes it 1."""
    engine = NUMPY.build(one(unary(function, *amounts), len(points)), dtype="float64")
    x = np.array([points], float)
    y = engine.predict({"x": x})["y"]
    return engine.gradients({"x": x}, {"t": y - len(points) / 2})[1]["input:x"][0].tolist()


@pytest.mark.parametrize(
    ("function", "amounts", "points", "expected"),
    [
        ("relu", (), [0], [0]),
        ("relu6", (), [0, 6], [0, 0]),
        ("leaky_relu", (0.25,), [0], [0.25]),
        ("hardsigmoid", (), [-3, 3], [0, 0]),
        ("hardswish", (), [-3, 3], [0, 1]),
        ("abs", (), [0, -1, 1], [0, -1, 1]),
        ("elu", (1.0,), [0], [1]),
        ("celu", (2.0,), [0], [1]),
        ("power", (0.5,), [0, 4], [0, 0.25]),
        ("power", (2.0,), [0, -1], [0, -2]),
        ("power", (1.0,), [0, -1], [1, 1]),
    ],
)
def test_slopes_at_kinks(function, amounts, points, expected):
    np.testing.assert_allclose(derivative(function, amounts, points), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "amounts", "expected"),
    [
        ("silu", (), [0, 1e4]),
        ("mish", (), [0, 1e4]),
        ("gelu", (), [0, 1e4]),
        ("gelu_tanh", (), [0, 1e4]),
        ("softplus", (), [0, 1e4]),
        ("elu", (0.5,), [-0.5, 1e4]),
        ("selu", (), [-1.7580993408473766, 10507.009873554805]),
        ("hardswish", (), [0, 1e4]),
    ],
)
def test_far_out_the_values_and_slopes_are_finite(function, amounts, expected):
    y, _ = run(unary(function, *amounts), (2,), x=[np.array([[-1e4, 1e4]])])
    np.testing.assert_allclose(y[0], expected, rtol=1e-12)
    slope = derivative(function, amounts, [-1e4, 1e4])
    assert slope == pytest.approx([0, expected[1] / 1e4])


def test_erfc_is_that_of_the_standard_library():
    from importlib import import_module

    load("numpy")
    erfc = import_module("cnndsl.backends.numpy.erf").erfc
    x = np.concatenate([np.linspace(-7, 26, 20_001), [-0.46875, 0.46875, 4.0, 1e-300], np.logspace(-9, 1, 1001)])
    exact = np.array([math.erfc(each) for each in x])
    np.testing.assert_allclose(erfc(x), exact, rtol=2e-15, atol=0)
    np.testing.assert_allclose(1 - erfc(x), [math.erf(each) for each in x], rtol=0, atol=3e-16)
    single = x.astype(np.float32)
    assert erfc(single).dtype == np.float32
    exact = np.array([math.erfc(each) for each in single])
    np.testing.assert_allclose(erfc(single), exact, rtol=1e-5, atol=1e-37)
    np.testing.assert_allclose(erfc(single), exact, rtol=0, atol=5e-7)
    np.testing.assert_array_equal(erfc(np.array([-np.inf, np.inf, np.nan])), [2, 0, np.nan])


# several inputs


OPERATIONS = {"sub": np.subtract, "maximum": np.maximum, "average": np.add}


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("function", OPERATIONS)
def test_combine(function, shapes):
    make = lambda net, *xs: net.combine(function, *xs)  # noqa: E731
    y, given = run(make, *shapes)
    expected = reduce(OPERATIONS[function], given)
    np.testing.assert_allclose(y, expected / len(given) if function == "average" else expected)
    slopes(make, *shapes)


@pytest.mark.parametrize("function", OPERATIONS)
@pytest.mark.parametrize("times", [2, 3])
def test_a_value_combined_with_itself(function, times):
    slopes(lambda net, x: net.combine(function, *[x] * times), (4, 3))
    slopes(lambda net, x: net.combine(function, *[net.unary(x, "tanh")] * times), (4, 3))
    slopes(lambda net, x, z: net.combine(function, z, x, net.combine(function, z, x), z), (3,), (3,))


@pytest.mark.parametrize("function", OPERATIONS)
def test_only_the_second_input_has_a_gradient(function):
    """Without gradients for the inputs the first branch has none."""
    net = Build()
    x, z = net.input(4, name="x"), net.input(4, name="z")
    net.squared_error(net.combine(function, x, net.dense(z, 4)), "t")
    engine = NUMPY.build(net.program(), optimizer=Descent(), dtype="float64")
    data = {"x": RNG(0).normal(size=(3, 4)), "z": RNG(1).normal(size=(3, 4))}, {"t": RNG(2).normal(size=(3, 4))}
    before, gradients = engine.arrays(), engine.gradients(*data)[1]
    engine.step(*data)
    for name, array in engine.arrays().items():
        np.testing.assert_allclose(array, before[name] - gradients[name], atol=1e-12)


class Descent(Rule):
    rate: float = 1.0
    slots = ()

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        return parameter - rate * gradient, ()


def test_of_equals_the_first_is_the_maximum():
    """Small whole numbers, so ties abound; 300 inputs are more than a byte counts."""
    for count in (3, 300):
        net = Build()
        values = [net.input(4, 5, name=f"x{i}") for i in range(count)]
        net.squared_error(net.output(net.combine("maximum", *values)), "t")
        engine = NUMPY.build(net.program(), dtype="float64")
        x = RNG(0).integers(0, count // 3 + 2, (count, 2, 4, 5)).astype(float)
        found = engine.gradients({f"x{i}": x[i] for i in range(count)}, {"t": x.max(0) - 10})[1]
        won = np.array([found[f"input:x{i}"] for i in range(count)])
        np.testing.assert_array_equal(won.argmax(0), x.argmax(0))
        assert ((won > 0).sum(0) == 1).all()
