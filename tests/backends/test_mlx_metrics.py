"""Metrics on MLX: counted in the step, where the outputs are; a few numbers come back."""

from __future__ import annotations

import shutil
import sys
from importlib import import_module

import numpy as np
import pytest

import cnndsl
from cnndsl.train import meter
from cnndsl.train.metrics import Metric, Reading
from cnndsl.train.task import Counts
from tests.backends.agreement import needed

pytestmark = needed
ALL = ("accuracy", "precision", "recall", "f1", "mean_iou", "confusion_matrix")
NET = "net N { input 8x8x1 -> conv(4, 3) -> relu -> flatten -> fc(5) -> softmax }"


def examples(count=40, classes=5):
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, 8, 8, 1)).astype(np.float32), rng.integers(0, classes, count)


def scored(rng, reading, shape):
    """Outputs with ties, and labels or rows that fit how they are read."""
    output = np.round(4 * rng.random((*shape, reading.channels))).astype(np.float32) / 4
    rows = (rng.random(output.shape) < 0.5).astype(np.float32)
    return output, rows if reading.many or reading.channels == 1 else rng.integers(0, reading.channels, shape)


@pytest.mark.parametrize("reading", [Reading(4), Reading(7), Reading(1), Reading(3, many=True)], ids=str)
@pytest.mark.parametrize("shape", [(9,), (3, 4, 5)])
def test_a_device_counts_what_numpy_counts(reading, shape):
    import mlx.core as mx

    from cnndsl.train.choices import choices

    output, target = scored(np.random.default_rng(1), reading, shape)
    given = mx.array(target.astype(np.float32 if target.dtype.kind == "f" else np.int32))
    ours = [item() for item in choices(Metric).values() if item.__module__.startswith("cnndsl.")]
    tried = [metric for metric in ours if metric.fits(reading)]
    assert len(tried) >= 5
    for metric in tried:
        assert metric.anywhere
        found = metric.counts(mx.array(output), given, reading, mx)
        assert isinstance(found, mx.array)
        np.testing.assert_array_equal(np.array(found), metric.counts(output, target, reading), err_msg=metric.kind)


def test_training_and_evaluation_measure_as_on_numpy():
    x, y = examples()
    scores, histories = [], []
    for backend in ("numpy", "mlx"):
        model = cnndsl.loads(NET).compile(backend=backend, optimizer="sgd", rate=0.1, metrics=ALL, seed=1)
        model.fit(x, y, epochs=2, batch_size=16, verbose=0, validation_data=(x[:9], y[:9]))
        histories.append(model.history.last)
        scores.append(model.evaluate(x, y, batch_size=13))
    one, other = scores
    assert dict(one) == pytest.approx(dict(other), rel=1e-4)
    np.testing.assert_array_equal(one.details["confusion_matrix"], other.details["confusion_matrix"])
    names = [name for name in histories[0] if "second" not in name]
    assert {name: histories[0][name] for name in names} == pytest.approx(
        {name: histories[1][name] for name in names}, rel=1e-4
    )


def test_between_a_batch_and_its_metrics_nothing_is_converted_or_waited_for(monkeypatch):
    """A step sends one graph off. What is read are the counts, one step late: no outputs."""
    import mlx.core as mx

    engine = import_module("cnndsl.backends.mlx.engine")
    events, read = [], []
    send = engine.send

    def sending(*arrays):
        events.append("send")
        send(*arrays)

    class Numpy:
        """What the meter uses, with the sizes that it brought here."""

        int64 = np.int64

        @staticmethod
        def asarray(array):
            events.append("read")
            read.append(array.size)
            assert isinstance(array, mx.array)
            return np.asarray(array)

    monkeypatch.setattr(engine, "send", sending)
    monkeypatch.setattr(meter, "np", Numpy)
    x, y = examples(64)
    model = cnndsl.loads(NET).compile(backend="mlx", metrics=("accuracy", "confusion_matrix"))
    model.fit(x, y, epochs=1, batch_size=16, verbose=0)
    assert sorted(read) == [2] * 4 + [25] * 4
    assert events == ["send", *["send", "read", "read"] * 3, "read", "read"]


def test_the_pure_step_can_be_traced_with_its_metrics():
    """Whatever asks for a value within it (`.item()`, NumPy, an `if`) would raise here."""
    import mlx.core as mx

    model = cnndsl.loads(NET).compile(backend="mlx", metrics=ALL)
    network = import_module("cnndsl.backends.mlx.network")
    engine, (x, y) = model.engine, examples(8)
    step = network.stepping(model.program, False, mx.float32, Counts(model.task.goals), model.optimizer, 0)
    (target,) = model.program.targets
    state = engine.state

    def traced(x, y):
        counted, loss, _ = step(state, {"input": x}, {target: y}, mx.array(0, mx.uint32), 0.1, 1)
        return loss, counted["accuracy"]

    loss, counted = mx.compile(traced)(mx.array(x), mx.array(y.astype(np.int32)))  # nothing is computed yet
    assert loss.shape == () and counted.shape == (2,)
    for asked in (lambda loss: loss.item(), np.array, bool):
        with pytest.raises((RuntimeError, ValueError)):
            mx.compile(lambda x, y, asked=asked: asked(traced(x, y)[0]))(mx.array(x), mx.array(y.astype(np.int32)))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="on a CPU mx.compile needs a C++ compiler")
def test_a_compiled_step_measures_too():
    net = cnndsl.loads("net N { input 4 -> fc(3) -> softmax }")
    model = net.compile(backend="mlx", optimizer="sgd")
    compiled = model.backend.build(model.program, optimizer=model.optimizer, compile=True)
    rng = np.random.default_rng(0)
    x, y = {"input": rng.normal(size=(8, 4)).astype(np.float32)}, {next(iter(model.program.targets)): np.arange(8) % 3}
    counts = Counts(model.task.goals)
    for engine in (model.engine, compiled):
        engine.load({"fc1.weight": rng.normal(size=(3, 4))} if engine is model.engine else model.engine.arrays())
    one, other = compiled.evaluate_measured(x, y, counts), model.engine.evaluate_measured(x, y, counts)
    assert float(one[0]) == pytest.approx(float(other[0]), rel=1e-5)
    assert np.array_equal(np.asarray(one[1]["accuracy"]), np.asarray(other[1]["accuracy"]))


class Largest(Metric):
    """A user's own, written with NumPy alone."""

    kind = "largest"

    def counts(self, output, target, reading):
        assert isinstance(output, np.ndarray)
        return np.array([int(1000 * output.max()), 1000])


def test_a_metric_of_a_users_own_has_arrays_of_numpy():
    x, y = examples()
    model = cnndsl.loads(NET).compile(backend="mlx", metrics=("accuracy", Largest()))
    model.fit(x, y, epochs=1, batch_size=20, verbose=0)
    assert 0.2 <= model.history.last["largest"] <= 1


def test_the_state_before_is_let_go_of_before_the_step_is_computed(monkeypatch):
    """Donation: MLX writes over an array that only its graph still holds, so no name may be left for it."""
    import mlx.core as mx

    engine = import_module("cnndsl.backends.mlx.engine")
    model = cnndsl.loads(NET).compile(backend="mlx", optimizer="adam")
    x, y = examples(16)
    old = [model.engine.state.learned["fc1.weight"], model.engine.state.slots["fc1.weight"][0]]
    free = [mx.zeros(1), mx.zeros(1)]
    held = []
    send = engine.send

    def sending(*arrays):
        held.append([sys.getrefcount(array) for array in old])
        send(*arrays)

    expected = [sys.getrefcount(array) for array in free]
    monkeypatch.setattr(engine, "send", sending)
    model.fit(x, y, epochs=1, batch_size=16, verbose=0)
    assert held == [expected]
