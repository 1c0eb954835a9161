"""Functions, joins, connection tables and shared masks on MLX, against their definitions in float64."""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np
import pytest

from cnndsl import random
from cnndsl.program import Combine, Convolve, Dropout, Start, Unary
from cnndsl.train.optimizers import SGD
from tests.backends.agreement import build, needed
from tests.backends.build import Build

pytestmark = needed
RNG = np.random.default_rng


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(x, 0)


def relu6(x):
    return np.clip(x, 0, 6)


FUNCTIONS = {
    "relu": ((), lambda x: np.maximum(x, 0)),
    "relu6": ((), relu6),
    "leaky_relu": ((0.3,), lambda x: np.where(x > 0, x, 0.3 * x)),
    "elu": ((1.7,), lambda x: np.where(x > 0, x, 1.7 * np.expm1(np.minimum(x, 0)))),
    "selu": ((), lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))),
    "celu": ((1.7,), lambda x: np.maximum(x, 0) + np.minimum(0, 1.7 * np.expm1(np.minimum(x, 0) / 1.7))),
    "gelu": ((), lambda x: x / 2 * (1 + np.vectorize(erf)(x / sqrt(2)))),
    "gelu_tanh": ((), lambda x: x / 2 * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))),
    "silu": ((), lambda x: x * sigmoid(x)),
    "mish": ((), lambda x: x * np.tanh(softplus(x))),
    "softplus": ((), softplus),
    "sigmoid": ((), sigmoid),
    "hardsigmoid": ((), lambda x: relu6(x + 3) / 6),
    "hardswish": ((), lambda x: x * relu6(x + 3) / 6),
    "tanh": ((), np.tanh),
    "lecun_tanh": ((), lambda x: 1.7159 * np.tanh(2 * x / 3)),
    "abs": ((), np.abs),
    "exp": ((), np.exp),
    "negative": ((), np.negative),
    "multiply": ((-2.5,), lambda x: -2.5 * x),
    "power": ((3.0,), lambda x: x**3),
}


def unary(function, count):
    net = Build()
    net.squared_error(net.output(net.apply(Unary(function, FUNCTIONS[function][0]), net.input(count), shape=(count,))))
    return build(net.program())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_and_its_slope(function):
    """The gradient of the mean of (y - t)^2 is 2 (y - t) y' / n; the slope by central differences."""
    define = FUNCTIONS[function][1]
    x = RNG(0).uniform(-8, 8, (3, 400)).astype(np.float32)
    wide, target = x.astype(np.float64), RNG(1).normal(size=x.shape)
    engine = unary(function, 400)
    y = define(wide)
    np.testing.assert_allclose(engine.predict({"x": x})["y"], y, rtol=1e-5, atol=2e-6)
    slope = (define(wide + 1e-6) - define(wide - 1e-6)) / 2e-6
    _, found = engine.gradients({"x": x}, {"y": target})
    np.testing.assert_allclose(found["input:x"], 2 * (y - target) * slope / y.size, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("function", sorted(FUNCTIONS.keys() - {"exp", "power", "gelu_tanh"}))
def test_far_out_nothing_overflows(function):
    x = np.array([[-1e4, -100, 100, 1e4]], np.float32)
    engine = unary(function, 4)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(engine.predict({"x": x})["y"], FUNCTIONS[function][1](x.astype(float)), atol=1e-6)
    assert np.isfinite(engine.gradients({"x": x}, {"y": x})[1]["input:x"]).all()


@pytest.mark.parametrize(("function", "slope"), [("relu", 0), ("relu6", 0), ("abs", 0), ("elu", 1.7), ("celu", 1)])
def test_the_slope_at_zero(function, slope):
    zero = np.zeros((1, 1), np.float32)
    found = unary(function, 1).gradients({"x": zero}, {"y": zero - 0.5})[1]["input:x"]
    assert found[0, 0] == pytest.approx(slope)


@pytest.mark.parametrize(("exponent", "slopes"), [(0.5, [0, 0.25]), (2.0, [0, 8]), (1.0, [1, 1])])
def test_where_the_slope_of_a_power_is_not_finite_it_is_zero(exponent, slopes):
    """The target is 1 below the value and the mean is over 2 examples, so the gradient is the slope; at 0 and 4."""
    net = Build()
    net.squared_error(net.output(net.apply(Unary("power", (exponent,)), net.input(1), shape=(1,))))
    x = np.array([[0.0], [4]], np.float32)
    found = build(net.program()).gradients({"x": x}, {"y": x**exponent - 1})[1]["input:x"]
    np.testing.assert_allclose(found.ravel(), slopes, rtol=1e-6)


COMBINE = {
    "add": lambda a, b, c: a + b + c,
    "mul": lambda a, b, c: a * b * c,
    "sub": lambda a, b, c: a - b - c,
    "average": lambda a, b, c: (a + b + c) / 3,
    "maximum": lambda a, b, c: np.maximum(np.maximum(a, b), c),
}


@pytest.mark.parametrize("function", COMBINE)
def test_combine(function):
    net = Build()
    shapes = (4, 3, 2), (1, 1, 2), (4, 3, 1)
    values = [net.input(*shape, name=f"x{i}") for i, shape in enumerate(shapes)]
    net.output(net.apply(Combine(function), *values, shape=(4, 3, 2)))
    arrays = [RNG(i).normal(size=(5, *shape)).astype(np.float32) for i, shape in enumerate(shapes)]
    found = build(net.program()).predict({f"x{i}": array for i, array in enumerate(arrays)})["y"]
    np.testing.assert_allclose(found, COMBINE[function](*arrays), rtol=1e-6, atol=1e-6)


def test_of_equal_inputs_the_first_is_the_maximum():
    net = Build()
    values = [net.input(3, name=f"x{i}") for i in range(3)]
    net.squared_error(net.apply(Combine("maximum"), *values, shape=(3,)))
    arrays = [[[1, 5, 2]], [[1, 4, 3]], [[0, 5, 3]]]
    inputs = {f"x{i}": np.array(array, np.float32) for i, array in enumerate(arrays)}
    _, found = build(net.program()).gradients(inputs, {"y": np.zeros((1, 3))})
    chosen = np.array([found[f"input:x{i}"][0] != 0 for i in range(3)])
    assert chosen.tolist() == [[True, True, False], [False, False, True], [False, False, False]]


@pytest.mark.parametrize("native", [False, True])
def test_filters_that_see_some_channels(native):
    """The same as a full convolution whose other weights are zero; they have no gradient to give."""
    connect, rank, depth = ((0, 1), (3,), (1, 2, 3)), 2, 4
    full = Build()
    x = full.input(6, 7, depth)
    full.squared_error(full.output(full.conv(x, 3, 3, pads=1, stride=2, name="c")))
    net = Build()
    x, start = net.input(6, 7, depth), Start("normal", 0.5)
    weight = net.parameter("c.weight", (6, 3, 3), start, "weight")
    primitive = Convolve(weight, net.offset("c", 3), (2,) * rank, ((1, 1),) * rank, (1,) * rank, 1, connect)
    net.squared_error(net.output(net.apply(primitive, x, shape=full.outputs["y"].shape)))
    some, every = build(net.program(), native=native), build(full.program(), native=native)
    arrays = some.arrays()
    dense = np.zeros((3, 3, 3, depth), np.float32)
    places = [(k, c) for k, seen in enumerate(connect) for c in seen]
    for row, (k, c) in zip(arrays["c.weight"], places):
        dense[k, :, :, c] = row
    every.load({"c.weight": dense, "c.bias": arrays["c.bias"]})
    x = RNG(0).normal(size=(2, 6, 7, depth)).astype(np.float32)
    t = RNG(1).normal(size=(2, 3, 4, 3))
    np.testing.assert_allclose(some.predict({"x": x})["y"], every.predict({"x": x})["y"], rtol=1e-5, atol=1e-6)
    expected, found = (engine.gradients({"x": x}, {"y": t})[1] for engine in (every, some))
    kernels = np.array([expected["c.weight"][k, :, :, c] for k, c in places])
    np.testing.assert_allclose(found["c.weight"], kernels, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["input:x"], expected["input:x"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("whole", "shape"), [("channel", (16, 1, 1, 5)), ("example", (16, 1, 1, 1))])
def test_whole_channels_and_examples_are_dropped(whole, shape):
    net = Build()
    x = net.input(3, 4, 5)
    net.squared_error(net.output(net.apply(Dropout(0.5, 9, whole), x, shape=x.shape)))
    ones = np.ones((16, 3, 4, 5), np.float32)
    _, outputs = build(net.program(), optimizer=SGD(0.1), seed=4).step({"x": ones}, {"y": ones})
    mask = np.empty(shape, bool)
    random.kept(random.dropout_key(4, 9), 0, 0.5, mask)
    assert 0 < mask.sum() < mask.size
    assert np.array_equal(np.asarray(outputs["y"]), np.broadcast_to(np.where(mask, 2, 0), ones.shape))
