"""relu within batch normalization, and long rows, against the same done step by step and number by number."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.backends import load
from cnndsl.flow import TRAIN
from tests.backends.build import Build

plans, rows, memory = (import_module(f"cnndsl.backends.numpy.{name}") for name in ("plan", "rows", "memory"))
NUMPY = load("numpy")
BATCH = 4


def rectified(shape, function, twice=False, **settings):
    """A convolution, a normalization and what follows, which may not be the only one to read it."""
    net = Build()
    normal = net.batchnorm(net.conv(net.input(*shape), 3, 3, pads=1), **settings)
    found = net.unary(normal, function)
    net.squared_error(net.output(net.combine("add", found, normal) if twice else found), "t")
    return net.program()


def gradients(program, dtype="float64"):
    """What training makes of a batch, and whether a step was done within another."""
    engine = NUMPY.build(program, dtype=dtype)
    rng = np.random.default_rng(5)
    x = {name: 3 * rng.normal(size=(BATCH, *value.shape)) for name, value in program.inputs.items()}
    t = {name: rng.normal(size=(BATCH, *value.shape)) for name, value in program.targets.items()}
    loss, found = engine.gradients(x, t)
    return loss, found, [len(plan.merged) for plan in engine.plan(BATCH, TRAIN).plans]


@pytest.mark.parametrize("function", ["relu", "relu6"])
@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"frozen": True}], ids=str)
@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 2), (40, 40, 3), (31, 67, 40)], ids=str)
def test_relu_within_a_normalization_is_relu_behind_it(shape, function, settings, monkeypatch):
    program = rectified(shape, function, **settings)
    loss, found, merged = gradients(program)
    assert set(merged) == {1}
    monkeypatch.setattr(plans, "merge", lambda turns, rules: [])
    plain, wanted, merged = gradients(program)
    assert set(merged) == {0}
    assert loss == plain
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-10, atol=1e-12, err_msg=name)


def test_what_is_read_by_another_step_stays_as_it_is():
    program = rectified((5, 3, 2), "relu", twice=True)
    assert gradients(program)[2] == [0]


@given(positions=st.integers(1, 3000), depth=st.integers(1, 300), seed=st.integers(0, 9))
def test_long_rows_hold_every_number_once(positions, depth, seed):
    made = rows.Rows(positions, depth, np.dtype(np.float32))
    rng = np.random.default_rng(seed)
    x, y = (memory.fixed(rng.normal(size=(positions, depth)).astype(np.float32)) for _ in range(2))
    vector, room = rng.normal(size=depth), np.empty(2 * made.width, np.float32)
    wide = made.repeat(vector, np.empty(made.width, np.float32))
    pieces = list(zip(made.of(x), made.of(y)))
    assert sum(piece.size for piece, _ in pieces) == positions * depth
    assert max(piece.size for piece, _ in pieces) <= made.largest
    sums = sum(made.sums(one, room, other) for one, other in pieces)
    one, other = x.array.astype(float), y.array.astype(float)
    bound = 1e-5 * np.abs(one).max() * np.abs(other).max() * positions
    np.testing.assert_allclose(sums, [one.sum(0), (one * other).sum(0)], atol=bound)
    for piece, _ in pieces:
        np.multiply(piece, wide[: piece.shape[1]], out=piece)
    np.testing.assert_allclose(x.array, one * vector, rtol=1e-5)
