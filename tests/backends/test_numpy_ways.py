"""Each way to compute a convolution against the loop nest and against numerical gradients, wherever it suits."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnndsl.backends import load
from tests.backends.gradients import check
from tests.backends.test_numpy_convolution import convolution, convolutions, naive

NUMPY = load("numpy")
rule = import_module("cnndsl.backends.numpy.rules.convolution")
ways = import_module("cnndsl.backends.numpy.ways")
toom = import_module("cnndsl.backends.numpy.toom")
tiled = import_module("cnndsl.backends.numpy.tiled")
winograd = import_module("cnndsl.backends.numpy.ways.winograd")

WAYS = sorted(way.__name__ for way in ways.Way.all())


def by(name, monkeypatch):
    """Every convolution is computed in the way of that name where it suits; says whether it was."""
    used = []

    def choose(step, backward):
        found = next((way for way in ways.possible(step) if way.__name__ == name), None)
        used.append(found is not None)
        return found(step, backward) if found else ways.choose(step, backward)

    monkeypatch.setattr(rule, "choose", choose)
    return used


@st.composite
def suited(draw, name):
    """A random convolution, of the kinds that the way is for."""
    shape, filters, kernel, options = draw(convolutions())
    rank = len(shape) - 1
    if name == "Winograd":
        rank = draw(st.integers(2, 3))
        shape = (*(draw(st.integers(1, 9)) for _ in range(rank)), draw(st.integers(1, 4)))
        kernel = (*(draw(st.integers(1, 3)) for _ in range(rank - 2)), 3, 3)
        pads = tuple((draw(st.integers(0, cells - 1)), draw(st.integers(0, 3))) for cells in kernel)
        options = {"stride": (1,) * rank, "dilation": (1,) * rank, "groups": 1, "bias": options["bias"], "pads": pads}
    if name == "Pointwise":
        kernel = (1,) * rank
        options |= {"stride": (1,) * rank, "groups": 1, "pads": ((0, 0),) * rank}
    if name == "Depthwise":
        depth = draw(st.integers(2, 5))
        shape, filters = (*shape[:-1], depth), depth * draw(st.integers(1, 2))
        options["groups"] = depth
    extents = zip(shape, kernel, options["dilation"], options["pads"])
    assume(all(low + n + high >= dilation * (cells - 1) + 1 for n, cells, dilation, (low, high) in extents))
    return shape, filters, kernel, options


@pytest.mark.parametrize("name", WAYS)
@given(data=st.data(), batch=st.integers(1, 3), budget=st.sampled_from([1, 1 << 20]), tile=st.sampled_from([4, 2]))
@settings(max_examples=40, deadline=None)
def test_forward_is_the_loop_nest(name, data, batch, budget, tile):
    shape, filters, kernel, options = data.draw(suited(name))
    with pytest.MonkeyPatch.context() as patch:
        used = by(name, patch)
        patch.setattr(tiled, "BUDGET", budget)
        patch.setattr(tiled, "FEWEST", 1)
        patch.setattr(winograd, "TILE", tile)
        engine = NUMPY.build(convolution(shape, filters, kernel, **options), dtype="float64")
        x = np.random.default_rng(0).normal(size=(batch, *shape))
        found = engine.predict({"x": x})["y"]
    assert all(used)
    arrays = engine.arrays()
    weight, bias = arrays["conv1.weight"], arrays.get("conv1.bias")
    expected = naive(x, weight, bias, options["stride"], options["pads"], options["dilation"], options["groups"])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", WAYS)
@given(data=st.data(), budget=st.sampled_from([1, 1 << 20]), tile=st.sampled_from([4, 2]))
@settings(max_examples=20, deadline=None)
def test_gradients_are_the_numerical_ones(name, data, budget, tile):
    shape, filters, kernel, options = data.draw(suited(name))
    with pytest.MonkeyPatch.context() as patch:
        used = by(name, patch)
        patch.setattr(tiled, "BUDGET", budget)
        patch.setattr(tiled, "FEWEST", 1)
        patch.setattr(winograd, "TILE", tile)
        check(NUMPY, convolution(shape, filters, kernel, loss=True, **options), batch=2, count=12)
    assert all(used)


@pytest.mark.parametrize("extents, filters", [((13, 14), 24), ((3, 9, 10), 16)])
def test_in_single_precision_winograd_is_as_near_as_it_should_be(extents, filters, monkeypatch):
    """Within ten times the rounding of the plain way, for outputs and every gradient."""
    program = convolution((*extents, 32), filters, 3, pads=1, loss=True)
    rng = np.random.default_rng(3)
    x, target = rng.normal(size=(2, *extents, 32)), rng.normal(size=(2, *extents, filters))
    found = {}
    for name, dtype in (("Columns", "float64"), ("Columns", "float32"), ("Winograd", "float32")):
        by(name, monkeypatch)
        engine = NUMPY.build(program, dtype=dtype)
        found[name, dtype] = engine.gradients({"x": x}, {"y": target})[1] | engine.predict({"x": x})
        monkeypatch.undo()
    for array, exact in found["Columns", "float64"].items():
        errors = [np.abs(found[name, "float32"][array] - exact).max() for name in ("Columns", "Winograd")]
        assert errors[1] <= 10 * errors[0] + 1e-9, array


@pytest.mark.parametrize("outputs", sorted(toom.POINTS))
def test_the_matrices_make_a_filter_of_three_cells(outputs):
    a, g, b = toom.matrices(outputs)
    rng = np.random.default_rng(0)
    d, w = rng.normal(size=outputs + 2), rng.normal(size=3)
    np.testing.assert_allclose(a @ ((g @ w) * (b @ d)), np.correlate(d, w), rtol=1e-12)


def test_the_fixed_table_takes_winograd_where_there_are_many_tiles_and_channels(monkeypatch):
    def way(shape, filters, kernel, batch=8, **options):
        seen = []
        monkeypatch.setattr(rule, "choose", lambda step, backward: seen.append(ways.choose(step, backward)) or seen[-1])
        NUMPY.build(convolution(shape, filters, kernel, **options)).predict({"x": np.zeros((batch, *shape))})
        monkeypatch.undo()
        return type(seen[0]).__name__

    assert way((32, 32, 64), 64, 3, pads=1) == "Winograd"
    assert way((32, 32, 64), 64, 3, pads=1, stride=2) == "Columns"
    assert way((2, 2, 512), 512, 3, pads=1) == "Columns"
    assert way((14, 14, 16), 48, 3, batch=4, pads=1) == "Columns"  # measured: 0.25 ms against 0.37
    assert way((14, 14, 256), 256, 3, batch=1, pads=1) == "Columns"  # 2.6 against 5.3
    assert way((9, 9, 4), 8, 1) == "Pointwise"
    assert way((9, 9, 4), 4, 3, groups=4) == "Depthwise"
