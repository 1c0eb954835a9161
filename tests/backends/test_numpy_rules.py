"""The other primitives in NumPy: values against definitions, gradients against central differences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnndsl.backends import load
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build, positions
from tests.backends.gradients import check

NUMPY = load("numpy")
RNG = np.random.default_rng


def digits(rows):
    return np.array([[int(c) for c in row] for row in rows.split()], float)


def run(make, *shapes, training=False, x=None, batch=3, seed=0):
    """The output of one step (made by `make(net, *inputs)`) and the inputs it was given, in float64."""
    net = Build()
    values = [net.input(*shape, name=f"x{i}") for i, shape in enumerate(shapes)]
    net.output(make(net, *values))
    given = x or [RNG(seed + i).normal(size=(batch, *shape)) for i, shape in enumerate(shapes)]
    engine = NUMPY.build(net.program(), dtype="float64")
    return engine.predict({f"x{i}": array for i, array in enumerate(given)})["y"], given


def slopes(make, *shapes, batch=3, loss="squared_error", **settings):
    """Checks the gradients of one step before a loss, and gives them."""
    net = Build()
    values = [net.input(*shape, name=f"x{i}") for i, shape in enumerate(shapes)]
    getattr(net, loss)(make(net, *values))
    return check(NUMPY, net.program(), batch, **settings)


# pools


@st.composite
def pools(draw):
    """A random pool of 1 to 3 axes: every window sees at least one real cell."""
    rank = draw(st.integers(1, 3))
    sizes = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    extent, kernel, stride, dilation = sizes(1, 7), sizes(1, 3), sizes(1, 3), sizes(1, 2)
    pads = tuple((draw(st.integers(0, f - 1)), draw(st.integers(0, f - 1))) for f in kernel)
    assume(all(o >= 1 for o in positions(extent, kernel, stride, pads, dilation)))
    counted = tuple((draw(st.integers(0, low)), draw(st.integers(0, high))) for low, high in pads)
    options = {"stride": stride, "pads": pads, "dilation": dilation}
    assume(
        all(
            any(0 <= o * s + f * d - lo < w for f in range(k))
            for w, k, s, d, (lo, _), n in zip(
                extent, kernel, stride, dilation, pads, positions(extent, kernel, stride, pads, dilation)
            )
            for o in range(n)
        )
    )
    return (*extent, draw(st.integers(1, 3))), kernel, options, counted


def windows(shape, kernel, stride, pads, dilation):
    """For each output position the places of its window, in reading order, padding included."""
    for o in product(*map(range, positions(shape, kernel, stride, pads, dilation))):
        yield (
            o,
            [
                tuple(o[i] * stride[i] + f[i] * dilation[i] - pads[i][0] for i in range(len(kernel)))
                for f in product(*map(range, kernel))
            ],
        )


def inside(place, shape, counted=None):
    counted = counted or ((0, 0),) * len(place)
    return all(-lo <= i < w + hi for i, w, (lo, hi) in zip(place, shape, counted))


@given(pools(), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_maxpool_is_the_largest_and_the_first_of_equals_gets_the_gradient(drawn, seed):
    """Small whole numbers, so ties abound."""
    shape, kernel, options, _ = drawn
    net = Build()
    x = net.input(*shape)
    y = net.output(net.maxpool(x, kernel, **options))
    net.squared_error(y, "t")
    engine = NUMPY.build(net.program(), dtype="float64")
    cells = RNG(seed).integers(0, 3, (2, *shape)).astype(float)
    target = RNG(seed).normal(size=(2, *y.shape))
    expected, dx = np.empty((2, *y.shape)), np.zeros((2, *shape))
    for o, places in windows(shape, kernel, **options):
        real = [place for place in places if inside(place, shape)]
        for n, c in product(range(2), range(shape[-1])):
            best = max(real, key=lambda place: cells[(n, *place, c)])  # of equals the first
            expected[(n, *o, c)] = cells[(n, *best, c)]
            dx[(n, *best, c)] += 2 * (expected[(n, *o, c)] - target[(n, *o, c)]) / target.size
    assert np.array_equal(engine.predict({"x": cells})["y"], expected)
    np.testing.assert_allclose(engine.gradients({"x": cells}, {"t": target})[1]["input:x"], dx, atol=1e-12)


@given(pools())
@settings(max_examples=60, deadline=None)
def test_averagepool_counts_the_cells_that_count(drawn):
    shape, kernel, options, counted = drawn
    make = lambda net, x: net.averagepool(x, kernel, counted=counted, **options)  # noqa: E731
    y, (x,) = run(make, shape)
    for o, places in windows(shape, kernel, **options):
        total = sum(x[(slice(None), *place)] for place in places if inside(place, shape))
        number = sum(inside(place, shape, counted) for place in places)
        np.testing.assert_allclose(y[(slice(None), *o)], total / number, rtol=1e-12, atol=1e-12)


@given(pools())
@settings(max_examples=25, deadline=None)
def test_pools_have_the_numerical_gradients(drawn):
    shape, kernel, options, counted = drawn
    slopes(lambda net, x: net.averagepool(x, kernel, counted=counted, **options), shape, batch=2)
    slopes(lambda net, x: net.maxpool(x, kernel, **options), shape, batch=2)


def test_the_textbooks_max_pools():
    x = digits("33210 00131 31223 20022 20001")[None, ..., None]
    y, _ = run(lambda net, x: net.maxpool(x, 3, 1), (5, 5, 1), x=[x])
    assert y[0, ..., 0].tolist() == [[3, 3, 3], [3, 3, 3], [3, 2, 3]]
    y, _ = run(lambda net, x: net.maxpool(x, 2, 2), (4, 4, 1), x=[digits("1124 5678 3210 1234")[None, ..., None]])
    assert y[0, ..., 0].tolist() == [[6, 8], [3, 4]]


def test_a_ceil_window_is_smaller():
    """Width 3, stride 2 on 6 cells: 3 outputs, the last window overhangs by one cell."""
    x = np.array([5.0, 1, 4, 2, 8, 6]).reshape(1, 6, 1)
    y, _ = run(lambda net, x: net.maxpool(x, 3, 2, pads=((0, 1),)), (6, 1), x=[x])
    assert y.ravel().tolist() == [5, 8, 8]
    y, _ = run(lambda net, x: net.averagepool(x, 3, 2, pads=((0, 1),)), (6, 1), x=[x])
    np.testing.assert_allclose(y.ravel(), [10 / 3, 14 / 3, 14 / 2])


def test_a_max_pool_of_negative_values_ignores_its_padding():
    y, (x,) = run(lambda net, x: net.maxpool(x, 3, 2, pads=1), (4, 4, 1), x=[-1 - RNG(0).random((1, 4, 4, 1))])
    assert y[0, 0, 0, 0] == x[0, :2, :2].max()


def test_a_wide_kernel_has_more_cells_than_a_byte_counts():
    gradients = slopes(lambda net, x: net.maxpool(x, 300, 7), (400, 2), batch=2)
    assert np.count_nonzero(gradients["input:x0"]) >= 4


@pytest.mark.parametrize("shape", [(5, 4, 3), (7, 2), (2, 3, 4, 2)])
def test_global_average(shape):
    y, (x,) = run(lambda net, x: net.global_average(x), shape)
    axes = tuple(range(1, len(shape)))
    np.testing.assert_allclose(y, x.mean(axes, keepdims=True))
    slopes(lambda net, x: net.global_average(x), shape)


# elementwise


@pytest.mark.parametrize(
    ("function", "definition"),
    [("relu", lambda x: np.where(x > 0, x, 0)), ("sigmoid", lambda x: 1 / (1 + np.exp(-x))), ("tanh", np.tanh)],
)
def test_unary(function, definition):
    y, (x,) = run(lambda net, x: net.unary(x, function), (4, 3))
    np.testing.assert_allclose(y, definition(x), rtol=1e-12)
    slopes(lambda net, x: net.unary(x, function), (4, 3))


def test_saturated_values_are_finite_and_quiet():
    x = np.array([[-1e4, 1e4]])
    for function, expected in [("sigmoid", [0, 1]), ("tanh", [-1, 1])]:
        with np.errstate(all="raise"):
            y, _ = run(lambda net, x, name=function: net.unary(x, name), (2,), x=[x])
        assert y.tolist() == [expected]


SHAPES = [
    ((4, 3, 2), (4, 3, 2)),
    ((4, 3, 2), (1, 1, 2)),
    ((1, 1, 2), (4, 3, 2)),
    ((4, 3, 1), (1, 1, 2)),
    ((4, 3, 2), (4, 3, 2), (4, 3, 1)),
    ((1, 3, 2), (4, 1, 2), (4, 3, 1)),
]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize(("function", "operation"), [("add", np.add), ("mul", np.multiply)])
def test_combine(function, operation, shapes):
    y, given = run(lambda net, *xs: net.combine(function, *xs), *shapes)
    expected = given[0]
    for array in given[1:]:
        expected = operation(expected, array)
    np.testing.assert_allclose(y, expected)
    slopes(lambda net, *xs: net.combine(function, *xs), *shapes)


@pytest.mark.parametrize("function", ["add", "mul"])
@pytest.mark.parametrize("times", [2, 3])
def test_a_value_combined_with_itself(function, times):
    slopes(lambda net, x: net.combine(function, *[x] * times), (4, 3))
    slopes(lambda net, x: net.combine(function, *[net.unary(x, "tanh")] * times), (4, 3))
    slopes(lambda net, x, z: net.combine("add", x, x, net.combine("add", z, x), z), (3,), (3,))


def test_concat_and_reshape():
    y, (one, two, three) = run(lambda net, *xs: net.concat(*xs), (2, 3, 1), (2, 3, 4), (2, 3, 2))
    assert np.array_equal(y, np.concatenate([one, two, three], axis=-1))
    slopes(lambda net, *xs: net.concat(*xs), (2, 3, 1), (2, 3, 4), (2, 3, 2))
    slopes(lambda net, x: net.concat(x, net.relu(x), x), (2, 3, 2))
    y, (x,) = run(lambda net, x: net.reshape(x, 4, 6), (2, 3, 4))
    assert np.array_equal(y, x.reshape(3, 4, 6))
    slopes(lambda net, x: net.reshape(net.relu(net.reshape(x, 4, 6)), 24), (2, 3, 4))


# dense, softmax, losses


@pytest.mark.parametrize("bias", [True, False])
def test_dense(bias):
    net = Build()
    net.output(net.dense(net.input(5), 4, bias=bias))
    engine, x = NUMPY.build(net.program(), dtype="float64"), RNG(0).normal(size=(3, 5))
    arrays = engine.arrays()
    expected = x @ arrays["fc1.weight"].T + arrays.get("fc1.bias", 0)
    np.testing.assert_allclose(engine.predict({"x": x})["y"], expected)
    slopes(lambda net, x: net.dense(x, 4, bias=bias), (5,))


@pytest.mark.parametrize("shape", [(7,), (2, 3, 4)])
def test_softmax(shape):
    y, (x,) = run(lambda net, x: net.softmax(x), shape, x=[RNG(0).normal(0, 300, (3, *shape))])
    np.testing.assert_allclose(y.sum(-1), 1)
    np.testing.assert_allclose(y, np.exp(x - np.logaddexp.reduce(x, -1)[..., None]), rtol=1e-9, atol=1e-300)
    slopes(lambda net, x: net.softmax(x), shape)


@pytest.mark.parametrize("shape", [(7,), (2, 3, 4)])
def test_cross_entropy(shape):
    net = Build()
    net.cross_entropy(net.output(net.relu(net.input(*shape))), "t")
    engine, x = NUMPY.build(net.program(), dtype="float64"), RNG(0).normal(0, 30, (5, *shape))
    labels = RNG(1).integers(0, shape[-1], (5, *shape[:-1]))
    logits = np.maximum(x, 0)
    surprise = np.logaddexp.reduce(logits, -1) - np.take_along_axis(logits, labels[..., None], -1)[..., 0]
    loss, outputs = engine.evaluate({"x": x}, {"t": labels})
    assert loss == pytest.approx(surprise.mean())
    np.testing.assert_allclose(outputs["y"], logits)
    slopes(lambda net, x: net.reshape(x, *shape), shape, loss="cross_entropy")
    slopes(lambda net, x: net.dense(net.flatten(x), 6), shape, loss="cross_entropy", spread=10.0)


def test_squared_error_and_several_losses():
    net = Build()
    x = net.input(4)
    one, two = net.dense(x, 3), net.dense(x, 2)
    net.squared_error(one, "a")
    net.cross_entropy(two, "b")
    engine = NUMPY.build(net.program(), dtype="float64")
    x = RNG(0).normal(size=(6, 4))
    a, b = RNG(1).normal(size=(6, 3)), RNG(2).integers(0, 2, 6)
    net.outputs = {"one": one, "two": two}
    outputs = NUMPY.build(net.program(), dtype="float64").predict({"x": x})
    squares = ((outputs["one"] - a) ** 2).mean()
    surprise = (np.logaddexp.reduce(outputs["two"], -1) - outputs["two"][np.arange(6), b]).mean()
    assert engine.evaluate({"x": x}, {"a": a, "b": b})[0] == pytest.approx(squares + surprise)
    check(NUMPY, net.program())


# normalization


def batchnorm(shape, **settings):
    net = Build()
    net.squared_error(net.output(net.batchnorm(net.input(*shape), **settings)), "t")
    return net.program()


@pytest.mark.parametrize("shape", [(5, 4, 3), (6,), (40, 70, 2)])
@pytest.mark.parametrize("affine", [True, False])
def test_batchnorm_trains_by_the_batch_and_predicts_by_running_statistics(shape, affine):
    engine = NUMPY.build(batchnorm(shape, affine=affine, momentum=0.2, eps=1e-3), optimizer=Still(), dtype="float64")
    rng, axes = RNG(0), tuple(range(len(shape)))
    mean, variance = np.zeros(shape[-1]), np.ones(shape[-1])
    arrays = engine.arrays()
    factor, offset = (arrays["batchnorm1.weight"], arrays["batchnorm1.bias"]) if affine else (1, 0)
    for _ in range(3):
        x = rng.normal(3, 2, (8, *shape))
        _, outputs = engine.step({"x": x}, {"t": x})
        expected = (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-3) * factor + offset
        np.testing.assert_allclose(outputs["y"], expected, rtol=1e-9, atol=1e-9)
        mean, variance = 0.8 * mean + 0.2 * x.mean(axes), 0.8 * variance + 0.2 * x.var(axes, ddof=1)
    arrays = engine.arrays()
    np.testing.assert_allclose(arrays["batchnorm1.mean"], mean)
    np.testing.assert_allclose(arrays["batchnorm1.variance"], variance)
    expected = (x - mean) / np.sqrt(variance + 1e-3) * factor + offset
    np.testing.assert_allclose(engine.predict({"x": x})["y"], expected, rtol=1e-9, atol=1e-9)
    assert np.array_equal(engine.arrays()["batchnorm1.mean"], arrays["batchnorm1.mean"])
    engine.gradients({"x": x}, {"t": x})
    assert np.array_equal(engine.arrays()["batchnorm1.mean"], arrays["batchnorm1.mean"])


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [(3, 4, 3), (600,)])
def test_batchnorm_gradients(shape, affine, frozen):
    slopes(lambda net, x: net.batchnorm(x, affine=affine, frozen=frozen), shape, batch=4)


def test_a_frozen_batchnorm_keeps_its_statistics():
    engine = NUMPY.build(batchnorm((3,), frozen=True), optimizer=Still())
    before = engine.arrays()
    engine.step({"x": np.ones((4, 3))}, {"t": np.zeros((4, 3))})
    assert all(np.array_equal(before[name], array) for name, array in engine.arrays().items())


def test_batchnorm_keeps_its_precision_far_from_zero():
    """Mean 1000, deviation 1, float32: the one-pass formula would lose the variance."""
    x = RNG(0).normal(1000, 1, (64, 30, 30, 2)).astype(np.float32)
    engine = NUMPY.build(batchnorm((30, 30, 2), affine=False, eps=1e-9), optimizer=Still())
    _, outputs = engine.step({"x": x}, {"t": x})
    wide = x.astype(np.float64)
    expected = (wide - wide.mean((0, 1, 2))) / wide.std((0, 1, 2))
    np.testing.assert_allclose(outputs["y"], expected, atol=2e-4)


def test_one_value_a_channel_has_no_variance():
    engine = NUMPY.build(batchnorm((3,)), optimizer=Still())
    loss, _ = engine.step({"x": np.ones((1, 3))}, {"t": np.zeros((1, 3))})
    assert np.isfinite(loss)
    assert np.isfinite(engine.arrays()["batchnorm1.variance"]).all()


@pytest.mark.parametrize(("size", "depth", "beta"), [(5, 8, 0.75), (4, 8, 0.5), (1, 3, 0.75), (9, 3, 1.2)])
def test_local_response_norm(size, depth, beta):
    make = lambda net, x: net.lrn(x, size, 0.3, beta, 1.5)  # noqa: E731
    y, (x,) = run(make, (3, 2, depth))
    for c in range(depth):
        near = x[..., max(c - size // 2, 0) : c + (size - 1) // 2 + 1]
        np.testing.assert_allclose(y[..., c], x[..., c] / (1.5 + 0.3 * (near**2).sum(-1)) ** beta)
    slopes(make, (3, 2, depth))


# dropout


class Still(Rule):
    """An optimizer that changes nothing."""

    rate: float = 1.0
    slots = ()

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        return parameter, ()


def dropouts(seed=0, rate=0.4):
    net = Build()
    x = net.input(50, 20)
    for stream in range(2):
        net.output(net.dropout(x, rate, stream), f"y{stream}")
    net.squared_error(net.outputs["y0"], "t")
    return NUMPY.build(net.program(), optimizer=Still(), seed=seed)


def test_dropout_masks():
    from cnndsl import random

    ones = {"x": np.ones((64, 50, 20), np.float32)}
    target = {"t": ones["x"]}
    engine = dropouts()
    first, second = (engine.step(ones, target)[1] for _ in range(2))
    y = first["y0"]
    assert set(np.unique(y)) == {0, np.float32(1 / 0.6)}
    assert abs(y.mean() - 1) < 5 * (0.4 / 0.6 / y.size) ** 0.5
    assert not np.array_equal(y, first["y1"])
    assert not np.array_equal(y, second["y0"])
    again, other = dropouts().step(ones, target)[1], dropouts(seed=1).step(ones, target)[1]
    assert np.array_equal(y, again["y0"])
    assert not np.array_equal(y, other["y0"])
    mask = np.empty(y.shape, bool)
    random.kept(random.dropout_key(0, 1), 1, 0.4, mask)
    assert np.array_equal(second["y1"] > 0, mask)
    assert np.array_equal(engine.predict(ones)["y0"], ones["x"])
    assert np.array_equal(engine.evaluate(ones, target)[1]["y0"], ones["x"])


def test_dropout_gradient_has_the_mask_of_its_forward_run():
    slopes(lambda net, x: net.dropout(net.unary(x, "tanh"), 0.3, 1), (4, 5))
    engine = dropouts()
    x = RNG(0).normal(size=(3, 50, 20))
    gradients = [engine.gradients({"x": x}, {"t": 0 * x})[1]["input:x"] for _ in range(2)]
    assert np.array_equal(*gradients), "gradients() changes nothing, so the mask is the same"
    kept = engine.step({"x": x}, {"t": 0 * x})[1]["y0"] != 0
    assert np.array_equal(gradients[0] != 0, kept)


@pytest.mark.parametrize("mean", [0.0, 3.0, 500.0])
def test_batchnorm_in_single_precision_stands_a_mean_far_from_zero(mean):
    """One pass loses digits where the mean is large beside the deviation: those channels are looked at twice."""
    net = Build()
    net.squared_error(net.output(net.batchnorm(net.input(9, 7, 3))))
    program = net.program()
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(4, 9, 7, 3)) + np.array([mean, 0, -mean])).astype(np.float32)
    target = rng.normal(size=x.shape)
    single, double = (
        NUMPY.build(program, dtype=dtype).gradients({"x": x}, {"y": target})[1] for dtype in ("float32", "float64")
    )
    for name, array in double.items():
        np.testing.assert_allclose(single[name], array, rtol=1e-4, atol=1e-5 * np.abs(array).max(), err_msg=name)
    u = (x - x.mean((0, 1, 2), dtype=np.float64)) / np.sqrt(x.var((0, 1, 2), dtype=np.float64) + 1e-5)
    arrays = NUMPY.build(program, dtype="float32").arrays()
    found = u * arrays["batchnorm1.weight"] + arrays["batchnorm1.bias"]
    np.testing.assert_allclose(
        double["batchnorm1.bias"], (2 * (found - target) / found[0].size / 4).sum((0, 1, 2)), rtol=1e-4
    )
