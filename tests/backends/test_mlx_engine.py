"""The MLX engine: training as NumPy's from the same seed, and what its border promises."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest

from cnndsl import CnnError, backends, random
from cnndsl.program import Primitive
from cnndsl.train.optimizers import SGD, Adam, AdamW
from tests.backends.agreement import NUMPY, build, close, needed
from tests.backends.build import Build, lenet5

pytestmark = needed


def small(rate=0.3):
    """Convolution, normalization, pool, dropout, a branch and a dense layer, with labels."""
    net = Build()
    x = net.input(12, 12, 2)
    x = net.relu(net.batchnorm(net.conv(x, 8, 3, pads=1, bias=False)))  # a bias here has no gradient but noise
    x = net.maxpool(x, 3, 2, pads=((0, 1), (0, 1)))
    x = net.combine("add", x, net.lrn(net.conv(x, 8, 3, pads=1, groups=2)))
    x = net.dropout(net.global_average(net.concat(x, net.averagepool(x, 3, 1, pads=1))), rate)
    logits = net.dense(net.flatten(x), 5)
    net.output(net.softmax(logits))
    net.cross_entropy(logits)
    return net.program()


def batches(program, count, size=8, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        x = {name: rng.normal(size=(size, *value.shape)).astype(np.float32) for name, value in program.inputs.items()}
        yield x, {name: rng.integers(0, 5, (size, *value.shape)) for name, value in program.targets.items()}


OPTIMIZERS = [SGD(0.05), SGD(0.05, momentum=0.9, nesterov=True), Adam(0.01), AdamW(0.01, decay=0.1)]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=["sgd", "momentum", "adam", "adamw"])
def test_training_is_numpys(optimizer):
    """Losses, outputs, parameters and running statistics, step by step; the last batch is smaller."""
    program = small()
    numpy, mlx = NUMPY.build(program, optimizer=optimizer, seed=3), build(program, optimizer=optimizer, seed=3)
    for number, (x, y) in enumerate([*batches(program, 4), *batches(program, 1, size=3, seed=1)]):
        rate = None if number % 2 else 0.02
        (expected, outputs), (loss, found) = (engine.step(x, y, rate) for engine in (numpy, mlx))
        assert float(loss) == pytest.approx(expected, rel=1e-5)
        close(outputs, found, "output", 1e-5)
    close(numpy.arrays(), mlx.arrays(), "after training", 2e-5)
    (x, y), *_ = batches(program, 1, seed=2)
    assert mlx.evaluate(x, y)[0] == pytest.approx(numpy.evaluate(x, y)[0], rel=1e-5)


def test_lenet_starts_as_in_numpy():
    program = lenet5()
    rng = np.random.default_rng(0)
    x, y = {"x": rng.random((16, 28, 28, 1), np.float32)}, {"y": rng.integers(0, 10, 16)}
    numpy, mlx = NUMPY.build(program, optimizer=Adam(), seed=1), build(program, optimizer=Adam(), seed=1)
    assert float(mlx.step(x, y)[0]) == pytest.approx(numpy.step(x, y)[0], rel=1e-5)


def test_running_statistics_are_numpys():
    """A layer used twice in a step moves them twice."""
    net = Build()
    x = net.batchnorm(net.input(4, 3), momentum=0.25, name="norm")
    net.squared_error(net.batchnorm(net.unary(x, "sigmoid"), momentum=0.25, name="norm"))
    program = net.program()
    numpy, mlx = NUMPY.build(program, optimizer=SGD(0.1)), build(program, optimizer=SGD(0.1))
    for seed in range(3):
        x = np.random.default_rng(seed).normal(2, 3, (6, 4, 3)).astype(np.float32)
        for engine in (numpy, mlx):
            engine.step({"x": x}, {"y": x})
    statistics = [
        {name: array for name, array in engine.arrays().items() if name.endswith((".mean", ".variance"))}
        for engine in (numpy, mlx)
    ]
    assert len(statistics[0]) == 2
    close(*statistics, "running", 1e-6)


@pytest.mark.parametrize("shape", [(7, 5, 3), (11,)])
def test_dropout_masks_are_those_of_the_generator(shape):
    """Bit for bit, at every step, for several streams and seeds."""
    net = Build()
    x = net.input(*shape)
    streams = (0, 3, 2**32 - 1)
    for stream in streams:
        net.output(net.dropout(x, 0.37, stream), f"y{stream}")
    net.squared_error(net.dense(net.flatten(x), 2), "t")
    ones = np.ones((9, *shape), np.float32)
    for seed in (0, 12345678901234567890):
        engine = build(net.program(), optimizer=SGD(0.1), seed=seed)
        for step in range(3):
            _, outputs = engine.step({"x": ones}, {"t": np.zeros((9, 2))})
            for stream in streams:
                mask = np.empty(ones.shape, bool)
                random.kept(random.dropout_key(seed, stream), step, 0.37, mask)
                y = np.asarray(outputs[f"y{stream}"])
                assert np.array_equal(y != 0, mask)
                np.testing.assert_allclose(y[mask], 1 / 0.63, rtol=1e-6)
        assert np.array_equal(engine.predict({"x": ones})["y0"], ones)


def test_gradients_change_nothing():
    program = small()
    engine = build(program, optimizer=SGD(0.1))
    (x, y), *_ = batches(program, 1)
    before = engine.arrays()
    loss, first = engine.gradients(x, y)
    again, second = engine.gradients(x, y)
    assert loss == again
    close(first, second, "gradient", 1e-6)
    assert all(np.array_equal(array, before[name]) for name, array in engine.arrays().items())
    assert float(engine.step(x, y)[0]) == pytest.approx(loss, rel=1e-6), "the same dropout mask"


def test_arrays_are_copies_and_can_be_loaded():
    program = small()
    engine, other = build(program, seed=0), build(program, seed=1)
    (x, _), *_ = batches(program, 1)
    arrays = engine.arrays()
    assert list(arrays) == [parameter.name for parameter in program.parameters]
    other.load(arrays)
    np.testing.assert_array_equal(other.predict(x)["y"], engine.predict(x)["y"])
    before = engine.predict(x)["y"]
    for array in arrays.values():
        array[...] = 0
    np.testing.assert_array_equal(engine.predict(x)["y"], before)
    other.load({"conv5.bias": np.full(8, 0.5, np.float64)})
    assert (other.arrays()["conv5.bias"] == 0.5).all()
    with pytest.raises(KeyError, match="nowhere"):
        other.load({"nowhere": np.zeros(1)})


def test_inputs_of_any_type_and_empty_ones():
    program = small()
    engine = build(program)
    pixels = np.random.default_rng(0).integers(0, 255, (4, 12, 12, 2)).astype(np.uint8)
    wide = engine.predict({"x": pixels.astype(np.float64)})["y"]
    assert np.array_equal(engine.predict({"x": pixels})["y"], wide)
    assert np.array_equal(engine.predict({"x": pixels[::-1]})["y"], wide[::-1])
    empty = engine.predict({"x": pixels[:0]})["y"]
    assert (empty.shape, empty.dtype) == ((0, 5), np.float32)
    loss, _ = engine.evaluate({"x": pixels}, {"y": np.array([0, 1, 2, 3], np.uint8)})
    assert engine.evaluate({"x": pixels}, {"y": np.array([0.0, 1, 2, 3])})[0] == loss


def test_steps_do_not_pile_up():
    """Nobody looks at the results; what is alive after many steps is what was after few."""
    import mlx.core as mx

    program = small()
    engine = build(program, optimizer=Adam())
    (x, y), *_ = batches(program, 1)
    alive = []
    for _ in range(60):
        engine.step(x, y)
        alive.append(mx.get_active_memory())
    assert max(alive[30:]) <= max(alive[:30]) * 1.5


def test_a_step_can_be_read_in_another_thread():
    program = small()
    engine = build(program, optimizer=SGD(0.1))
    (x, y), *_ = batches(program, 1)
    expected = float(build(program, optimizer=SGD(0.1)).step(x, y)[0])
    loss, outputs = engine.step(x, y)
    found = []

    def read():
        found.extend([float(loss), np.asarray(outputs["y"]).shape, engine.predict(x)["y"].shape])

    reader = threading.Thread(target=read)
    reader.start()
    reader.join()
    assert found == [pytest.approx(expected, rel=1e-6), (8, 5), (8, 5)]


def test_a_very_deep_network_meets_no_limit():
    net = Build()
    x = start = net.dense(net.input(4), 4)
    for number in range(1500):
        x = net.unary(net.combine("add", x, start), "tanh") if number % 10 else net.dense(x, 4, name="shared")
    net.squared_error(x)
    engine = build(net.program(), optimizer=SGD(0.1))
    loss, _ = engine.step({"x": np.ones((2, 4))}, {"y": np.zeros((2, 4))})
    assert np.isfinite(float(loss))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="on a CPU mx.compile needs a C++ compiler")
def test_a_compiled_engine_does_the_same():
    """Random state goes in and out: a dropout mask must not repeat; rate and count must not be frozen.

    The softmax is a part of the cross entropy's gradient, too, which MLX does not compile behind a loss that
    depends on it. As small as it can be: on a CPU each kernel takes a second to compile.
    """
    net = Build()
    logits = net.dense(net.output(net.dropout(net.input(5), 0.5), "dropped"), 5)
    net.output(net.softmax(logits), "shares")
    net.cross_entropy(logits)
    program = net.program()
    plain, compiled = (build(program, optimizer=SGD(0.1), compile=way) for way in (False, True))
    for rate, (x, y) in zip([0.1, 0.05, 0.02], batches(program, 3)):
        (expected, outputs), (loss, found) = (engine.step(x, y, rate) for engine in (plain, compiled))
        assert float(loss) == pytest.approx(float(expected), rel=1e-4)
        close(outputs, found, "output", 1e-5)
    close(plain.arrays(), compiled.arrays(), "after training", 1e-5)


def test_compiling_is_left_to_gpus():
    assert build(small(), compile=None).compiled is not backends.load("mlx").device().startswith("CPU")


def code(call):
    with pytest.raises(CnnError) as caught:
        call()
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize("dtype", ["float64", "float16", "nonsense"])
def test_only_float32(dtype):
    diagnostic = code(lambda: build(small(), dtype=dtype))
    assert diagnostic.code == "E604"
    assert dtype in diagnostic.title
    assert "numpy" in diagnostic.helps[0]


def test_a_primitive_without_a_rule_is_named():
    class Unheard(Primitive):
        amount: int

    net = Build()
    net.output(net.apply(Unheard(7), net.input(3), shape=(3,)))
    diagnostic = code(lambda: build(net.program()))
    assert diagnostic.code == "E603"
    assert "Unheard(amount=7)" in diagnostic.title
    net = Build()
    net.output(net.unary(net.input(3), "unheard_of"))
    assert code(lambda: build(net.program())).code == "E603"


def test_a_loss_that_is_no_number_leaves_no_trace():
    """Neither in the parameters nor in the optimizer's slots: training goes on as NumPy's does."""
    net = Build()
    net.squared_error(net.dense(net.input(3), 2))
    numpy, mlx = (make(net.program(), optimizer=Adam(0.01)) for make in (NUMPY.build, build))
    x, t = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32), np.ones((4, 2))
    for given in (x, x * np.nan, x):
        losses = [float(engine.step({"x": given}, {"y": t})[0]) for engine in (numpy, mlx)]
        assert losses[1] == pytest.approx(losses[0], rel=1e-5, nan_ok=True)
    close(numpy.arrays(), mlx.arrays(), "after training", 1e-5)


def test_a_frozen_network_takes_steps_that_change_only_statistics():
    net = Build()
    net.squared_error(net.batchnorm(net.dense(net.input(3), 4, trained=False), affine=False))
    engine = build(net.program(), optimizer=Adam())
    before = engine.arrays()
    loss, _ = engine.step({"x": np.ones((2, 3))}, {"y": np.ones((2, 4))})
    assert float(loss) == pytest.approx(1)
    after = engine.arrays()
    assert [name for name in before if not np.array_equal(before[name], after[name])] == [
        "batchnorm2.mean",
        "batchnorm2.variance",
    ]


def test_no_step_without_an_optimizer():
    program = small()
    (x, y), *_ = batches(program, 1)
    with pytest.raises(ValueError, match="optimizer"):
        build(program).step(x, y)
