"""Windows taken out whole, matrices by position, distances, reductions: against definitions and differences."""

from __future__ import annotations

from collections import Counter
from itertools import product
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.primitives import Patches, Positionwise, Reduce, SquaredDistance
from cnndsl.program import Start
from tests.backends.build import Build, positions
from tests.backends.gradients import check
from tests.backends.test_numpy_rules import NUMPY, RNG, inside, pools, run, slopes, windows


def patches(shape, kernel, fill, stride, pads, dilation):
    count = positions(shape, kernel, stride, pads, dilation)
    output = (*count, int(np.prod(kernel)), shape[-1])
    return lambda net, x: net.apply(Patches(kernel, stride, pads, dilation, fill), x, shape=output)


@given(pools(), st.sampled_from([0.0, -1.5, np.inf]))
@settings(max_examples=60, deadline=None)
def test_patches_are_the_windows(drawn, fill):
    shape, kernel, options, _ = drawn
    y, (x,) = run(patches(shape, kernel, fill, **options), shape)
    for o, places in windows(shape, kernel, **options):
        for number, place in enumerate(places):
            expected = x[(slice(None), *place)] if inside(place, shape) else fill
            assert (y[(slice(None), *o, number)] == expected).all()


@given(pools())
@settings(max_examples=20, deadline=None)
def test_gradients_of_patches(drawn):
    shape, kernel, options, _ = drawn
    slopes(patches(shape, kernel, 0.5, **options), shape, batch=8, count=12)


def test_patches_that_are_padding_through_and_through():
    """The second cell of each window lies beyond the border."""
    y, (x,) = run(patches((1, 2), (2,), 9.0, (1,), ((0, 1),), (1,)), (1, 2))
    np.testing.assert_array_equal(y[:, 0, 0], x[:, 0])
    assert (y[:, 0, 1] == 9).all()


# a matrix for each position


def positionwise(shape, rank, units, bias=True):
    net = Build()
    before, after = shape[:rank], shape[rank:]
    weight = net.parameter("w", (*before, units, *after), Start("normal", 0.5), "weight")
    offset = net.parameter("b", (*before, units), Start("normal", 0.5), "bias") if bias else None
    net.squared_error(
        net.output(net.apply(Positionwise(weight, offset), net.input(*shape), shape=(*before, units))), "t"
    )
    return net.program()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("shape", "rank"), [((4, 3), 1), ((3, 2, 4, 2), 2), ((2, 2, 3, 5), 3), ((1, 1, 6), 2)])
def test_positionwise(shape, rank, bias):
    program = positionwise(shape, rank, 3, bias)
    engine, x = NUMPY.build(program, dtype="float64"), RNG(0).normal(size=(8, *shape))
    arrays, y = engine.arrays(), engine.predict({"x": x})["y"]
    for p in product(*map(range, shape[:rank])):
        for n, k in product(range(8), range(3)):
            expected = (x[(n, *p)] * arrays["w"][(*p, k)]).sum() + (arrays["b"][(*p, k)] if bias else 0)
            assert y[(n, *p, k)] == pytest.approx(expected)
    check(NUMPY, program, batch=8)


def distances(shape, units, role="weight"):
    net = Build()
    prototypes = net.parameter("p", (units, shape[-1]), Start("normal", 1.0), role)
    y = net.apply(SquaredDistance(prototypes), net.input(*shape), shape=(*shape[:-1], units))
    net.squared_error(net.output(y), "t")
    return net.program()


@pytest.mark.parametrize("shape", [(84,), (3, 5), (2, 3, 4), (100, 100, 3)])
def test_squared_distances(shape):
    engine, x = NUMPY.build(distances(shape, 6), dtype="float64"), RNG(0).normal(size=(5, *shape))
    prototypes = engine.arrays()["p"]
    expected = ((x[..., None, :] - prototypes) ** 2).sum(-1)
    np.testing.assert_allclose(engine.predict({"x": x})["y"], expected, rtol=1e-11, atol=1e-12)
    if len(shape) < 3 or shape[0] < 100:
        check(NUMPY, distances(shape, 6), batch=8)


def test_distances_near_a_prototype_are_exact_in_float32():
    """|x|^2 is 5e6 and the distances are 0 and 1: the difference of squares in float32 would be lost."""
    engine = NUMPY.build(distances((5,), 2))
    near = np.full(5, 1000, np.float32)
    engine.load({"p": np.stack([near, near + np.eye(5, dtype=np.float32)[0]])})
    np.testing.assert_allclose(engine.predict({"x": near[None]})["y"], [[0, 1]], atol=1e-6)


def test_given_prototypes_have_no_gradient():
    engine = NUMPY.build(distances((4,), 3, "constant"), dtype="float64")
    x = RNG(0).normal(size=(2, 4))
    assert engine.gradients({"x": x}, {"t": np.zeros((2, 3))})[1].keys() == {"input:x"}


# one axis reduced


def reduce(function, axis):
    def make(net, x):
        at = len(x.shape) + axis
        return net.apply(Reduce(function, axis), x, shape=x.shape[:at] + x.shape[at + 1 :])

    return make


def mode(values):
    counts = Counter(values)
    return min(value for value in counts if counts[value] == max(counts.values()))


DEFINITIONS = {"max": max, "median": median, "mode": mode}
SHAPES = [((3, 9, 2), -2), ((4, 5, 6), -1), ((5, 8), -1), ((6,), -1), ((7, 2, 3), -3), ((2, 1, 3), -2)]


def held(function, cells):
    """The values whose first cells share the gradient."""
    real = sorted(value for value in cells if value < np.inf)
    middle = [real[(len(real) - 1) // 2], real[len(real) // 2]]
    return middle if function == "median" else [DEFINITIONS[function](real)]


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("function", DEFINITIONS)
def test_reductions_of_few_values(function, shape, axis, padded):
    """Small whole numbers, so ties abound, some cells padding: the value, and where its gradient goes."""
    net = Build()
    net.squared_error(net.output(reduce(function, axis)(net, net.input(*shape))), "t")
    engine, x = NUMPY.build(net.program(), dtype="float64"), RNG(0).integers(0, 4, (40, *shape)).astype(float)
    if padded and function != "max":
        hidden = RNG(1).random(x.shape) < 0.3
        hidden &= np.arange(shape[axis]).reshape(-1, *[1] * (-axis - 1)) > 0  # one cell at least is real
        x[hidden] = np.inf
    y = engine.predict({"x": x})["y"]
    found = np.moveaxis(engine.gradients({"x": x}, {"t": y - y.size / 2})[1]["input:x"], axis, -1)
    cells = np.moveaxis(x, axis, -1)
    for place in np.ndindex(y.shape):
        values = cells[place].tolist()
        owners = held(function, values)
        assert y[place] == sum(owners) / len(owners) == DEFINITIONS[function]([v for v in values if v < np.inf])
        shares = np.zeros(len(values))
        for owner in owners:
            shares[values.index(owner)] += 1 / len(owners)
        np.testing.assert_allclose(found[place], shares, atol=1e-12)


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("function", DEFINITIONS)
def test_gradients_of_reductions(function, shape, axis):
    slopes(reduce(function, axis), shape, batch=8)


@pytest.mark.parametrize("function", DEFINITIONS)
def test_an_axis_longer_than_a_byte_counts(function):
    y, (x,) = run(reduce(function, -2), (300, 2), x=[RNG(0).integers(0, 1000, (2, 300, 2)).astype(float)])
    for n, c in product(range(2), range(2)):
        assert y[n, c] == DEFINITIONS[function](x[n, :, c].tolist())
    gradients = slopes(reduce(function, -2), (300, 2), batch=2)
    assert np.count_nonzero(gradients["input:x0"]) == (8 if function == "median" else 4)
