"""MLX beside NumPy: both run a program from the same seed, and everything that comes out is compared."""

from __future__ import annotations

import os
from importlib import import_module

import numpy as np
import pytest

from cnndsl import backends
from cnndsl.program import Program
from tests.backends.gradients import random_targets

os.environ["MLX_ENABLE_TF32"] = "0"  # on some GPUs float32 products have 10 bits otherwise

REASON = backends.available()["mlx"]
needed = pytest.mark.skipif(REASON is not None, reason=f"MLX cannot run here: {REASON}")
NUMPY = backends.load("numpy")


def build(program: Program, native: bool = False, **settings):
    """An MLX engine; `native` takes MLX's own convolutions, as on a GPU."""
    with pytest.MonkeyPatch.context() as patch:
        if native:
            patch.setattr(import_module("cnndsl.backends.mlx.engine"), "on_gpu", lambda kind: True)
        return backends.load("mlx").build(program, **{"compile": False, **settings})


def close(one, other, what, tolerance):
    """Equal up to the tolerance, relative to the largest of the array: sums have errors of their terms' size."""
    assert one.keys() == other.keys()
    for name in one:
        first, second = np.asarray(one[name]), np.asarray(other[name])
        assert first.shape == second.shape, name
        assert second.dtype == np.float32, name
        scale = max(np.abs(first).max(initial=0), 1e-3)
        np.testing.assert_allclose(second, first, rtol=tolerance, atol=tolerance * scale, err_msg=f"{what} {name}")


def agree(program: Program, batch=3, inputs=None, seed=0, tolerance=2e-5, **settings):
    """Asserts that both engines start, predict, evaluate and differentiate alike; gives the MLX engine's gradients."""
    rng = np.random.default_rng(seed)
    if inputs is None:
        shapes = {name: (batch, *value.shape) for name, value in program.inputs.items()}
        inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    targets = random_targets(program, len(next(iter(inputs.values()))), rng)
    numpy, mlx = NUMPY.build(program, seed=seed), build(program, seed=seed, **settings)
    for name, array in numpy.arrays().items():
        assert np.array_equal(mlx.arrays()[name], array), f"start of {name}"
    close(numpy.predict(inputs), mlx.predict(inputs), "output", tolerance)
    (expected, outputs), (loss, found) = (engine.evaluate(inputs, targets) for engine in (numpy, mlx))
    assert loss == pytest.approx(expected, rel=tolerance)
    close(outputs, found, "output", tolerance)
    (expected, slopes), (loss, found) = (engine.gradients(inputs, targets) for engine in (numpy, mlx))
    assert loss == pytest.approx(expected, rel=tolerance)
    close(slopes, found, "gradient", 5 * tolerance)
    return found
