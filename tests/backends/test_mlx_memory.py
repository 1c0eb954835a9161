"""Memory on MLX: measured by its own counters; its limit is none, and refused."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl import CnnError
from cnndsl.analysis.used import MemoryUsed
from tests.backends.agreement import needed

pytestmark = needed
#: 4 x 1024 x 1024 bytes of weights, and little else
WIDE = "net Wide { input 1024 -> fc(1024, bias=false) }"
DEEP = "net Deep { input 32x32x4 -> conv(32, 3) -> relu -> conv(32, 3) -> relu -> dropout(0.5) -> flatten -> fc(2) }"
MB = 1 << 20


def test_the_peak_is_what_is_allocated():
    """Of a matrix of 4 MiB and its momentum; to train there is a gradient besides, and what comes and goes."""
    model = cnndsl.loads(WIDE).compile(backend="mlx", optimizer="sgd", momentum=0.9, loss="mse")
    used = model.memory_plan(batch=1)
    assert isinstance(used, MemoryUsed)
    assert 8 * MB <= used.inference < 9 * MB
    assert 12 * MB <= used.training < 33 * MB
    assert used.to_dict()["training"]["peak"] == used.training
    assert "memory used by mlx at batch 1, float32, sgd" in str(used)
    assert "text/html" in used._repr_mimebundle_()


def test_it_grows_with_the_batch_by_its_activations():
    model = cnndsl.loads(DEEP).compile(backend="mlx")
    small, large = (model.memory_plan(batch=batch) for batch in (4, 16))
    kept = 4 * (30 * 30 * 32 + 28 * 28 * 32)  # bytes of both convolutions' outputs for an example
    assert large.training - small.training > 12 * kept
    assert large.inference > small.inference and large.training > large.inference


def test_it_changes_nothing():
    x, y = np.random.default_rng(0).random((8, 32, 32, 4), np.float32), np.arange(8) % 2
    one, other = (cnndsl.loads(DEEP).compile(backend="mlx", seed=3) for _ in range(2))
    for model in (one, other):
        model.fit(x, y, batch_size=4, verbose=0)
    one.memory_plan(batch=4)
    for model in (one, other):
        model.fit(x, y, batch_size=4, verbose=0)
    assert one.engine.snapshot().numbers == other.engine.snapshot().numbers
    for name, array in one.engine.snapshot().arrays.items():
        assert np.array_equal(array, other.engine.snapshot().arrays[name]), name


def test_its_guideline_is_not_offered_as_a_limit():
    """MLX goes beyond `set_memory_limit`, here as documented for its GPUs: so `memory_limit=` is refused."""
    import mlx.core as mx

    with pytest.raises(CnnError, match=r"E623.*`mlx` has no `memory_limit`(.|\n)*backend=\"numpy\""):
        cnndsl.loads(WIDE).compile(backend="mlx", memory_limit="1MB")
    before = mx.set_memory_limit(MB)
    try:
        array = mx.ones(MB)
        mx.eval(array)
        assert mx.get_active_memory() >= 4 * MB
    finally:
        mx.set_memory_limit(before)
