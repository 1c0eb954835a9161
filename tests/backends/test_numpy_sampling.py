"""Resizing, adaptive pools, padding, slices, permutations in NumPy: against definitions and differences."""

from __future__ import annotations

from itertools import product
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.primitives import AdaptivePool, Pad, Permute, Resize, Slice
from tests.backends.build import Build
from tests.backends.test_numpy_rules import NUMPY, RNG, run, slopes


@st.composite
def sizes(draw):
    """Extents of an input with its channels, and of an output."""
    axes = draw(st.integers(1, 3))
    extents = lambda: tuple(draw(st.integers(1, 8 - axes)) for _ in range(axes))  # noqa: E731
    return (*extents(), draw(st.integers(1, 3))), extents()


def resize(mode, extents):
    return lambda net, x: net.apply(Resize(mode), x, shape=(*extents, x.shape[-1]))


def linear(x, place):
    """Between the cells around a place, one axis after the other; outside the border cell goes on."""
    if not place:
        return x
    at = min(max(place[0], 0), len(x) - 1)
    low = floor(at)
    return (1 - at + low) * linear(x[low], place[1:]) + (at - low) * linear(x[min(low + 1, len(x) - 1)], place[1:])


@given(sizes())
@settings(max_examples=60, deadline=None)
def test_resize(drawn):
    shape, extents = drawn
    ratios = [w / n for w, n in zip(shape, extents)]
    nearest, (x,) = run(resize("nearest", extents), shape)
    between, _ = run(resize("linear", extents), shape)
    for o in product(*map(range, extents)):
        cell = tuple(i * w // n for i, w, n in zip(o, shape, extents))
        assert np.array_equal(nearest[(slice(None), *o)], x[(slice(None), *cell)])
        place = [(i + 0.5) * ratio - 0.5 for i, ratio in zip(o, ratios)]
        for n in range(len(x)):
            np.testing.assert_allclose(between[(n, *o)], linear(x[n], place), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@given(drawn=sizes())
@settings(max_examples=15, deadline=None)
def test_gradients_of_resize(mode, drawn):
    shape, extents = drawn
    slopes(resize(mode, extents), shape, batch=8, count=20)


def test_upsampling_twice_by_hand():
    x = np.array([1.0, 3.0]).reshape(1, 2, 1)
    assert run(resize("nearest", (4,)), (2, 1), x=[x])[0].ravel().tolist() == [1, 1, 3, 3]
    assert run(resize("linear", (4,)), (2, 1), x=[x])[0].ravel().tolist() == [1, 1.5, 2.5, 3]


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_float32_stays_float32(mode):
    net = Build()
    net.output(resize(mode, (9, 7))(net, net.input(4, 5, 2)))
    x = RNG(0).normal(size=(2, 4, 5, 2))
    y = NUMPY.build(net.program()).predict({"x": x})["y"]
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, run(resize(mode, (9, 7)), (4, 5, 2), x=[x])[0], rtol=1e-5, atol=1e-6)


# adaptive pools


def adaptive(function, extents):
    return lambda net, x: net.apply(AdaptivePool(function), x, shape=(*extents, x.shape[-1]))


def cells(o, shape, extents):
    """The cells of an output's window, in reading order."""
    ranges = [range(floor(i * w / n), ceil((i + 1) * w / n)) for i, w, n in zip(o, shape, extents)]
    return list(product(*ranges))


@given(sizes(), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_adaptive_pools(drawn, seed):
    """Whole numbers with ties: values, and where the gradient of the largest goes."""
    shape, extents = drawn
    x = RNG(seed).integers(0, 3, (8, *shape)).astype(float)
    mean, _ = run(adaptive("average", extents), shape, x=[x])
    net = Build()
    net.squared_error(net.output(adaptive("max", extents)(net, net.input(*shape))), "t")
    engine = NUMPY.build(net.program(), dtype="float64")
    best = engine.predict({"x": x})["y"]
    target = RNG(seed).normal(size=best.shape)
    dy, dx = 2 * (best - target) / best.size, np.zeros(x.shape)
    for o in product(*map(range, extents)):
        window = cells(o, shape, extents)
        total = sum(x[(slice(None), *place)] for place in window)
        np.testing.assert_allclose(mean[(slice(None), *o)], total / len(window), rtol=1e-12)
        for n, c in product(range(8), range(shape[-1])):
            first = max(window, key=lambda place: x[(n, *place, c)])  # of equals the first
            assert best[(n, *o, c)] == x[(n, *first, c)]
            dx[(n, *first, c)] += dy[(n, *o, c)]
    np.testing.assert_allclose(engine.gradients({"x": x}, {"t": target})[1]["input:x"], dx, atol=1e-12)


@pytest.mark.parametrize("function", ["average", "max"])
@given(drawn=sizes())
@settings(max_examples=12, deadline=None)
def test_gradients_of_adaptive_pools(function, drawn):
    shape, extents = drawn
    slopes(adaptive(function, extents), shape, batch=8, count=20)


# padding


def pad(mode, pads, value=0.0):
    def make(net, x):
        extents = [w + low + high for w, (low, high) in zip(x.shape, pads)]
        return net.apply(Pad(pads, mode, value), x, shape=(*extents, x.shape[-1]))

    return make


@st.composite
def paddings(draw):
    shape, _ = draw(sizes())
    return shape, tuple((draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in shape[:-1])


def numpys(x, mode, pads, value):
    every = ((0, 0), *pads, (0, 0))
    return np.pad(x, every, constant_values=value) if mode == "constant" else np.pad(x, every, mode=mode)


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@given(drawn=paddings())
@settings(max_examples=25, deadline=None)
def test_pad_is_numpys(mode, drawn):
    """Also where the padding is wider than the input."""
    shape, pads = drawn
    y, (x,) = run(pad(mode, pads, -1.5), shape, batch=8)
    np.testing.assert_array_equal(y, numpys(x, mode, pads, -1.5))


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@given(drawn=paddings())
@settings(max_examples=10, deadline=None)
def test_gradients_of_pad(mode, drawn):
    shape, pads = drawn
    slopes(pad(mode, pads, 0.5), shape, batch=8, count=20)


def test_padding_by_hand():
    x = np.array([1.0, 2, 3]).reshape(1, 3, 1)
    by_hand = {"reflect": [3, 2, 1, 2, 3, 2], "edge": [1, 1, 1, 2, 3, 3], "constant": [7, 7, 1, 2, 3, 7]}
    for mode, expected in by_hand.items():
        assert run(pad(mode, ((2, 1),), 7.0), (3, 1), x=[x])[0].ravel().tolist() == expected


# slices and permutations


@pytest.mark.parametrize(
    ("shape", "starts", "stops"),
    [
        ((5,), (1,), (4,)),
        ((4, 3, 6), (0, 0, 2), (4, 3, 5)),
        ((4, 5, 2), (1, 0, 0), (3, 5, 1)),
        ((3, 2), (0, 0), (3, 2)),
    ],
)
def test_slice(shape, starts, stops):
    part = tuple(map(slice, starts, stops))
    make = lambda net, x: net.apply(Slice(starts, stops), x, shape=np.empty(shape)[part].shape)  # noqa: E731
    y, (x,) = run(make, shape, batch=8)
    np.testing.assert_array_equal(y, x[(slice(None), *part)])
    slopes(make, shape, batch=8)
    slopes(lambda net, x: net.concat(make(net, x), make(net, net.unary(x, "tanh"))), shape)


@pytest.mark.parametrize(
    ("shape", "order"), [((4, 3), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (1, 2, 0)), ((2, 3, 4, 5), (3, 1, 0, 2))]
)
def test_permute(shape, order):
    make = lambda net, x: net.apply(Permute(order), x, shape=tuple(shape[axis] for axis in order))  # noqa: E731
    y, (x,) = run(make, shape, batch=8)
    for place in np.ndindex(*shape):
        assert (y[(slice(None), *(place[axis] for axis in order))] == x[(slice(None), *place)]).all()
    slopes(make, shape, batch=8)
