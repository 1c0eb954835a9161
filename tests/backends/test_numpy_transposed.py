"""Transposed convolution and tables of connections in NumPy: against loop nests and numerical gradients."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cnndsl.primitives import ConvolveTransposed
from cnndsl.program import Convolve, Start
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build
from tests.backends.gradients import check
from tests.backends.test_numpy_convolution import naive as convolved
from tests.backends.test_numpy_rules import NUMPY, RNG


def naive(x, weight, bias, stride, pads, dilation, groups, extents):
    """The definition: every input is spread over the outputs that it reaches, one multiplication at a time."""
    filters, *kernel, depth = weight.shape
    y = np.zeros((len(x), *extents, filters)) + (0 if bias is None else bias)
    for *i, k in product(*map(range, x.shape[1:-1]), range(filters)):
        first = k // (filters // groups) * depth
        for f in product(*map(range, kernel)):
            place = [a * s + b * d - lo for a, s, b, d, (lo, _) in zip(i, stride, f, dilation, pads)]
            if all(0 <= a < extent for a, extent in zip(place, extents)):
                for n, c in product(range(len(x)), range(depth)):
                    y[(n, *place, k)] += x[(n, *i, first + c)] * weight[(k, *f, c)]
    return y


def transposed(shape, filters, kernel, stride, pads, dilation, groups, extents, bias=True, trained=True):
    net = Build()
    start, depth = Start("he", fan_in=9), shape[-1] // groups
    weight = net.parameter("w", (filters, *kernel, depth), start, "weight" if trained else "constant")
    primitive = ConvolveTransposed(weight, net.offset("b", filters) if bias else None, stride, pads, dilation, groups)
    net.squared_error(net.output(net.apply(primitive, net.input(*shape), shape=(*extents, filters))), "t")
    return net.program()


@st.composite
def deconvolutions(draw):
    """A random one of 1 to 3 axes, with paddings that differ and output_pad."""
    rank = draw(st.integers(1, 3))
    sizes = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    extent, kernel, stride, dilation = sizes(1, 6 - rank), sizes(1, 3), sizes(1, 3), sizes(1, 2)
    pads = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(rank))
    extra = tuple(draw(st.integers(0, s - 1)) for s in stride)
    extents = tuple(
        (w - 1) * s + d * (f - 1) + 1 - lo - hi + more
        for w, s, d, f, (lo, hi), more in zip(extent, stride, dilation, kernel, pads, extra)
    )
    assume(all(w >= 1 for w in extents))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, filters = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    return (*extent, channels), filters, kernel, stride, pads, dilation, groups, extents


DOUBLING = ((3, 2, 4), 2, (4, 4), (2, 2), ((1, 1), (1, 1)), (1, 1), 2, (6, 4))
UNREACHED = ((2, 1), 1, (1,), (3,), ((0, 0),), (1,), 1, (6,))


@given(deconvolutions(), st.booleans(), st.sampled_from([1, 8]))
@example(DOUBLING, True, 2)
@example(UNREACHED, True, 2)
@settings(max_examples=60, deadline=None)
def test_values(drawn, bias, batch):
    shape, _, _, *options, extents = drawn
    engine = NUMPY.build(transposed(*drawn, bias=bias), dtype="float64")
    x, arrays = RNG(0).normal(size=(batch, *shape)), engine.arrays()
    expected = naive(x, arrays["w"], arrays.get("b.bias"), *options, extents)
    np.testing.assert_allclose(engine.predict({"x": x})["y"], expected, rtol=1e-10, atol=1e-12)


@given(deconvolutions(), st.booleans(), st.sampled_from([2, 8]))
@example(DOUBLING, True, 2)
@example(UNREACHED, False, 2)
@settings(max_examples=30, deadline=None)
def test_gradients(drawn, bias, batch):
    check(NUMPY, transposed(*drawn, bias=bias), batch, count=12)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_it_is_the_convolution_turned_around(groups):
    """<conv(x), z> = <x, deconv(z)> with the same kernels, their filters and channels exchanged."""
    rng, stride, pads, dilation = RNG(0), (2, 1), ((1, 0), (2, 1)), (1, 2)
    x, weight = rng.normal(size=(2, 7, 8, 4)), rng.normal(size=(8, 3, 2, 4 // groups))
    y = convolved(x, weight, None, stride, pads, dilation, groups)
    z = rng.normal(size=y.shape)
    program = transposed((*y.shape[1:],), 4, (3, 2), stride, pads, dilation, groups, (7, 8), bias=False)
    engine = NUMPY.build(program, dtype="float64")
    apart = weight.reshape(groups, 8 // groups, 3, 2, 4 // groups)
    engine.load({"w": apart.transpose(0, 4, 2, 3, 1).reshape(4, 3, 2, 8 // groups)})
    assert (y * z).sum() == pytest.approx((x * engine.predict({"x": z})["y"]).sum())


def test_many_images_are_spread_in_pieces():
    """More than fits the cache: the pieces together are the whole."""
    shape, options = (64, 64, 8), (6, (2, 2), (2, 2), ((0, 0),) * 2, (1, 1), 1, (128, 128))
    engine = NUMPY.build(transposed(shape, *options), dtype="float64")
    x = RNG(0).normal(size=(5, *shape))
    whole = engine.predict({"x": x})["y"]
    for i in range(5):
        np.testing.assert_allclose(engine.predict({"x": x[i : i + 1]})["y"][0], whole[i], rtol=1e-9, atol=1e-12)
    gradient = engine.gradients({"x": x}, {"t": whole - 1})[1]
    one = [engine.gradients({"x": x[i : i + 1]}, {"t": whole[i : i + 1] - 1})[1] for i in range(5)]
    for name in ("w", "b.bias"):
        np.testing.assert_allclose(gradient[name], sum(each[name] for each in one) / 5, rtol=1e-9, atol=1e-12)


def test_given_kernels_have_no_gradient():
    engine = NUMPY.build(transposed(*DOUBLING, trained=False), dtype="float64")
    x = RNG(0).normal(size=(2, 3, 2, 4))
    assert engine.gradients({"x": x}, {"t": engine.predict({"x": x})["y"] - 1})[1].keys() == {"b.bias", "input:x"}


# connections

C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5), (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5)),
    *((0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5), (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
TABLES = [((1, 0), (2,), (0, 2, 1), (1,)), ((2,),), C3]


def connected(table, shape, kernel, stride, pads, dilation, role="weight"):
    net = Build()
    rank, count = len(kernel), sum(map(len, table))
    weight = net.parameter("w", (count, *kernel), Start("he", fan_in=9), role)
    primitive = Convolve(weight, net.offset("b", len(table)), stride, pads, dilation, 1, table)
    reach = [d * (f - 1) + 1 for d, f in zip(dilation, kernel)]
    extents = [(shape[i] + sum(pads[i]) - reach[i]) // stride[i] + 1 for i in range(rank)]
    net.squared_error(net.output(net.apply(primitive, net.input(*shape), shape=(*extents, len(table)))), "t")
    return net.program()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "window",
    [
        ((7,), (3,), (2,), ((1, 0),), (2,)),
        ((5, 6), (3, 2), (1, 2), ((0, 2), (1, 1)), (2, 1)),
        ((4, 3), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1)),
        ((3, 4, 2), (2, 2, 1), (1, 2, 1), ((1, 0), (0, 0), (0, 0)), (1, 1, 1)),
    ],
)
def test_each_filter_sees_its_own_channels(table, window):
    extents, kernel, *options = window
    depth = max(map(max, table)) + 1
    program = connected(table, (*extents, depth), kernel, *options)
    engine = NUMPY.build(program, dtype="float64")
    x, arrays = RNG(0).normal(size=(2, *extents, depth)), engine.arrays()
    kernels = iter(arrays["w"])
    y = engine.predict({"x": x})["y"]
    for k, seen in enumerate(table):
        own = np.stack([next(kernels) for _ in seen], axis=-1)[None]
        alone = convolved(x[..., list(seen)], own, arrays["b.bias"][k : k + 1], *options, 1)
        np.testing.assert_allclose(y[..., k], alone[..., 0], rtol=1e-9, atol=1e-12)
    check(NUMPY, program, batch=8, count=12)


def test_lenets_table_has_1500_weights_and_they_train():
    """60 connections of 25 weights: with the 16 biases the 1516 parameters of the paper."""
    net = connected(C3, (14, 14, 6), (5, 5), (1, 1), ((0, 0), (0, 0)), (1, 1))
    engine = NUMPY.build(net, optimizer=Descent(), dtype="float64")
    assert sum(array.size for array in engine.arrays().values()) == 1516
    x, target = RNG(0).normal(size=(8, 14, 14, 6)), RNG(1).normal(size=(8, 10, 10, 16))
    losses = [float(engine.step({"x": x}, {"t": target})[0]) for _ in range(3)]
    assert losses[0] > losses[1] > losses[2]


def test_given_connections_have_no_gradient():
    program = connected(TABLES[0], (5, 3), (2,), (1,), ((0, 0),), (1,), role="constant")
    engine = NUMPY.build(program, dtype="float64")
    x = RNG(0).normal(size=(2, 5, 3))
    assert engine.gradients({"x": x}, {"t": np.zeros((2, 4, 4))})[1].keys() == {"b.bias", "input:x"}


class Descent(Rule):
    rate: float = 0.1
    slots = ()

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        return parameter - rate * gradient, ()
