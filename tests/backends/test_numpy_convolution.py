"""Convolution in NumPy: forward against a loop nest, backward against numerical gradients."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cnndsl.backends import load
from tests.backends.build import Build, positions
from tests.backends.gradients import check

NUMPY = load("numpy")


def naive(x, weight, bias, stride, pads, dilation, groups):
    """The definition: one multiplication at a time."""
    rank = x.ndim - 2
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    filters, *kernel, depth = weight.shape
    outs = [(x.shape[i + 1] - dilation[i] * (kernel[i] - 1) - 1) // stride[i] + 1 for i in range(rank)]
    y = np.zeros((len(x), *outs, filters))
    for n, *o in product(range(len(x)), *map(range, outs)):
        for k in range(filters):
            first = k // (filters // groups) * depth
            total = 0.0 if bias is None else bias[k]
            for f in product(*map(range, kernel)):
                place = tuple(o[i] * stride[i] + f[i] * dilation[i] for i in range(rank))
                for c in range(depth):
                    total += x[(n, *place, first + c)] * weight[(k, *f, c)]
            y[(n, *o, k)] = total
    return y


def convolution(shape, filters, kernel, loss=False, **settings):
    net = Build()
    y = net.conv(net.input(*shape), filters, kernel, **settings)
    net.output(y)
    if loss:
        net.squared_error(y)
    return net.program()


@contextmanager
def blocks(size):
    """Within it, columns are cut into blocks of so many bytes: as with images too large for the cache."""
    columns = import_module("cnndsl.backends.numpy.ways.columns")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "BLOCK", size)
        patch.setattr(columns, "POSITIONS", 1)
        patch.setattr(columns, "KEPT", 2 * size)
        yield


@st.composite
def convolutions(draw):
    """A random convolution of 1 to 3 axes that fits its input."""
    rank = draw(st.integers(1, 3))
    sizes = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    extent, kernel = sizes(1, 9 - 2 * rank + 2), sizes(1, 4)
    stride, dilation = sizes(1, 3), sizes(1, 2)
    pads = tuple((draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(rank))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, filters = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    assume(all(o >= 1 for o in positions(extent, kernel, stride, pads, dilation)))
    settings = {"stride": stride, "pads": pads, "dilation": dilation, "groups": groups, "bias": draw(st.booleans())}
    return (*extent, channels), filters, kernel, settings


WIDE = ((2, 20, 1), 2, (1, 3), {"stride": (1, 1), "pads": ((0, 0), (2, 0)), "dilation": (1, 2), "groups": 1})
GAPS = ((7, 6, 2), 4, (1, 2), {"stride": (3, 3), "pads": ((0, 0), (1, 4)), "dilation": (1, 1), "groups": 2})
FAR = ((2, 3), 2, (2,), {"stride": (2,), "pads": ((3, 3),), "dilation": (2,), "groups": 1})


@given(convolutions(), st.integers(1, 3), st.sampled_from([1, 300, 1 << 21]))
@example(WIDE, 2, 1 << 21)
@example(GAPS, 2, 300)
@example(FAR, 3, 1)
@settings(max_examples=120, deadline=None)
def test_forward_is_the_loop_nest(drawn, batch, block):
    shape, filters, kernel, options = drawn
    engine = NUMPY.build(convolution(shape, filters, kernel, **options), dtype="float64")
    arrays = engine.arrays()
    x = np.random.default_rng(0).normal(size=(batch, *shape))
    weight, bias = arrays["conv1.weight"], arrays.get("conv1.bias")
    expected = naive(x, weight, bias, options["stride"], options["pads"], options["dilation"], options["groups"])
    with blocks(block):
        np.testing.assert_allclose(engine.predict({"x": x})["y"], expected, rtol=1e-9, atol=1e-12)


@given(convolutions(), st.sampled_from([1, 300, 1 << 21]))
@example(WIDE, 1 << 21)
@example(GAPS, 300)
@example(FAR, 1)
@settings(max_examples=60, deadline=None)
def test_gradients_are_the_numerical_ones(drawn, block):
    shape, filters, kernel, options = drawn
    with blocks(block):
        check(NUMPY, convolution(shape, filters, kernel, loss=True, **options), batch=2, count=12)


def digits(rows):
    return np.array([[int(c) for c in row] for row in rows.split()], float)


def test_two_filters_over_three_channels():
    """The worked example of the textbooks: 5x5x3, pad 1, stride 2, two 3x3x3 filters."""
    padded = [
        "0000000 0001020 0102010 0102200 0200200 0212200 0000000",
        "0000000 0212110 0212010 0021010 0122220 0012010 0000000",
        "0000000 0211200 0100100 0010000 0102100 0221110 0000000",
    ]
    x = np.stack([digits(rows) for rows in padded], -1)[None, 1:-1, 1:-1]
    w0 = [[[-1, 0, 1], [0, 0, 1], [1, -1, 1]], [[-1, 0, 1], [1, -1, 1], [0, 1, 0]], [[-1, 1, 1], [1, 1, 0], [0, -1, 0]]]
    w1 = [
        [[0, 1, -1], [0, -1, 0], [0, -1, 1]],
        [[-1, 0, 0], [1, -1, 0], [1, -1, 0]],
        [[-1, 1, -1], [0, -1, -1], [1, 0, 0]],
    ]
    engine = NUMPY.build(convolution((5, 5, 3), 2, 3, stride=2, pads=1))
    engine.load({"conv1.weight": np.array([w0, w1]).transpose(0, 2, 3, 1), "conv1.bias": np.array([1, 0])})
    y = engine.predict({"x": x})["y"][0]
    assert y[..., 0].tolist() == [[2, 3, 3], [3, 7, 3], [8, 10, -3]]
    assert y[..., 1].tolist() == [[-8, -8, -3], [-3, 1, 0], [-3, -8, -5]]


def test_the_binary_image():
    engine = NUMPY.build(convolution((5, 5, 1), 1, 3, bias=False))
    engine.load({"conv1.weight": digits("101 010 101")[None, ..., None]})
    y = engine.predict({"x": digits("11100 01110 00111 00110 01100")[None, ..., None]})["y"]
    assert y[0, ..., 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_three_channels_are_summed_with_the_bias():
    engine = NUMPY.build(convolution((1, 1, 3), 1, 1))
    engine.load({"conv1.weight": np.ones((1, 1, 1, 3)), "conv1.bias": np.ones(1)})
    assert engine.predict({"x": np.array([308.0, -498.0, 164.0]).reshape(1, 1, 1, 3)})["y"].item() == -25


@pytest.mark.parametrize("groups", [1, 2, 8])
def test_a_large_image_is_cut_into_rows(groups):
    """The real block size: one image has more columns than fit, with padding and overlapping rows."""
    program = convolution((150, 90, 8), 8, 5, stride=2, pads=((2, 1), (1, 2)), groups=groups, loss=True)
    engine, x = NUMPY.build(program, dtype="float64"), np.random.default_rng(1).normal(size=(2, 150, 90, 8))
    arrays = engine.arrays()
    y = engine.predict({"x": x})["y"]
    at = (1, 37, 20)
    window = np.pad(x, ((0, 0), (2, 1), (1, 2), (0, 0)))[1, 74:79, 40:45]
    width = 8 // groups
    for k in range(8):
        seen = window[..., k // width * width : k // width * width + width]
        assert y[(*at, k)] == pytest.approx((seen * arrays["conv1.weight"][k]).sum() + arrays["conv1.bias"][k])
    _, gradients = engine.gradients({"x": x}, {"y": y + 1})
    # With a constant dy the gradients are sums that need no convolution: of x at each cell, of w for inner inputs.
    dy = -2 / y[0].size / 2
    padded = np.pad(x, ((0, 0), (2, 1), (1, 2), (0, 0)))
    sums = padded[:, 3 : 3 + 2 * y.shape[1] : 2, 1 : 1 + 2 * y.shape[2] : 2].sum((0, 1, 2))
    for k in range(8):
        own = sums[k // width * width : k // width * width + width]
        np.testing.assert_allclose(gradients["conv1.weight"][k, 3, 1], own * dy, rtol=1e-9)
    if groups == 1:  # input row 70 is row 72 of the padded one: even, so the kernel's even rows see it
        seen = arrays["conv1.weight"].sum(0)[0::2, 0::2].sum((0, 1))
        np.testing.assert_allclose(gradients["input:x"][1, 70, 41], seen * dy, rtol=1e-9)


def test_single_precision_is_near_double():
    program = convolution((17, 13, 6), 8, 3, pads=1, loss=True)
    x, target = np.random.default_rng(2).normal(size=(4, 17, 13, 6)), np.zeros((4, 17, 13, 8))
    single, double = (
        NUMPY.build(program, dtype=dtype).gradients({"x": x}, {"y": target})[1] for dtype in ("float32", "float64")
    )
    for name, array in double.items():
        assert single[name].dtype == np.float32
        np.testing.assert_allclose(single[name], array, rtol=1e-3, atol=1e-5 * np.abs(array).max())
