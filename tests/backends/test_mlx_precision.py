"""Mixed precision on MLX: layers in 16 bits, all that is kept in 32, and float16's loss scaling."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import cnndsl
from cnndsl import CnnError, data
from cnndsl.cli import main
from cnndsl.engine import Running
from cnndsl.program import BatchNorm, Convolve, Dense, Softmax, Unary
from cnndsl.train.optimizers import SGD, Adam
from tests.backends.agreement import build, needed
from tests.backends.build import Build
from tests.backends.test_mlx_engine import batches, small
from tests.cli.cnnc import bars

pytestmark = needed
TYPES = ["bfloat16", "float16"]
LENET = """net LeNet5 {
    input 28x28x1
    conv(6, 5, pad=2) -> relu -> maxpool(2)
    conv(16, 5) -> relu -> maxpool(2)
    flatten
    fc(120) -> relu
    fc(84) -> relu
    fc(10) -> softmax
}"""


def mixed(program, precision, **settings):
    return build(program, running=Running(precision=precision), **settings)


def linear(inputs=3, outputs=2):
    """y = x W' + b with a mean squared error: gradients by hand."""
    net = Build()
    net.squared_error(net.output(net.dense(net.input(inputs), outputs, name="fc")))
    return net.program()


@pytest.mark.parametrize("native", [False, True], ids=["cpu", "as on a gpu"])
@pytest.mark.parametrize("precision", TYPES)
def test_a_step_is_that_of_float32_rounded(precision, native):
    """Losses and gradients within what 8 or 11 bits allow, and not equal: something was rounded."""
    program = small(rate=0.0)
    (x, y), *_ = batches(program, 1)
    wide, narrow = build(program, seed=3), mixed(program, precision, seed=3, native=native)
    (expected, slopes), (loss, found) = (engine.gradients(x, y) for engine in (wide, narrow))
    assert loss == pytest.approx(expected, rel=2e-2) and loss != expected
    assert slopes.keys() == found.keys()
    for name, slope in slopes.items():
        assert found[name].dtype == np.float32
        distance = np.linalg.norm(found[name] - slope) / max(np.linalg.norm(slope), 1e-6)
        assert distance < (0.1 if precision == "bfloat16" else 0.02), name
    assert narrow.predict(x)["y"].dtype == np.float32


@pytest.mark.parametrize("precision", TYPES)
@pytest.mark.parametrize("gpu", [False, True])
def test_what_each_rule_is_given(precision, gpu, monkeypatch):
    """Layers 16 bits (products on a CPU the rounded numbers in 32), normalizations, softmax and losses float32."""
    import mlx.core as mx

    table, run = import_module("cnndsl.backends.mlx.rules.base"), {}
    apply = table.Run.apply

    def spying(self, found, primitive, inputs):
        def look(p, inner, *given):
            y = found(p, inner, *given)
            run.setdefault(type(p), set()).add((given[0].dtype, y.dtype))
            return y

        for kind in (table.WIDE, table.PRODUCTS):
            if found in kind:
                kind.add(look)
        return apply(self, look, primitive, inputs)

    monkeypatch.setattr(table, "WIDE", set(table.WIDE))
    monkeypatch.setattr(table, "PRODUCTS", set(table.PRODUCTS))
    monkeypatch.setattr(table.Run, "apply", spying)
    engine = mixed(small(), precision, optimizer=SGD(0.1), native=gpu)
    engine.step(*next(batches(engine.program, 1)))
    half, wide = getattr(mx, precision), mx.float32
    assert run[Unary] == {(half, half)}
    assert run[BatchNorm] == run[Softmax] == {(wide, wide)}
    assert run[Convolve] == run[Dense] == ({(half, half)} if gpu else {(wide, wide)})


@pytest.mark.parametrize("precision", TYPES)
def test_what_is_kept_stays_float32(precision):
    import mlx.core as mx

    engine = mixed(small(), precision, optimizer=Adam(0.01))
    for x, y in batches(engine.program, 3):
        engine.step(x, y)
    state = engine.state
    arrays = [*state.learned.values(), *state.fixed.values(), *(slot for kept in state.slots.values() for slot in kept)]
    assert {array.dtype for array in arrays} == {mx.float32}
    assert {array.dtype for array in engine.snapshot().arrays.values()} == {np.dtype(np.float32)}


def test_small_updates_are_not_lost():
    """A weight of 1 that moves by 1e-4 a step: in bfloat16, which has 8 bits, it would stay."""
    program = linear(1, 1)
    engine = mixed(program, "bfloat16", optimizer=SGD(1e-4))
    engine.load({"fc.weight": np.ones((1, 1)), "fc.bias": np.zeros(1)})
    for _ in range(20):
        engine.step({"x": np.ones((1, 1))}, {"y": np.full((1, 1), 1.5)})
    # slope 2 (1 - 1.5) = -1
    assert engine.arrays()["fc.weight"].item() == pytest.approx(1 + 20e-4, rel=1e-5)


def test_gradients_too_small_for_float16_arrive():
    """2e-9 / 2 is 0 in float16, whose smallest number is 6e-8; in bfloat16 it is not."""
    program = linear(1, 2)
    x, y = {"x": np.ones((1, 1))}, {"y": np.array([[1e-9, 0]])}
    zero = {"fc.weight": np.zeros((2, 1)), "fc.bias": np.zeros(2)}
    for precision in TYPES:
        engine = mixed(program, precision, optimizer=SGD(1.0))
        engine.load(zero)
        (loss, slopes) = engine.gradients(x, y)
        assert loss == pytest.approx(5e-19, rel=1e-2)
        np.testing.assert_allclose(slopes["fc.weight"].ravel(), [-1e-9, 0], rtol=0.05)
        engine.step(x, y)
        np.testing.assert_allclose(engine.arrays()["fc.weight"].ravel(), [1e-9, 0], rtol=0.05)


def test_a_step_that_overflows_is_left_out_and_the_scale_halved():
    """The slope for the output, 8, times the scale is above 65,504 until that is 4,096: three steps are left out."""
    program = linear(1, 1)
    engine, exact = mixed(program, "float16", optimizer=Adam(0.1)), build(program, optimizer=Adam(0.1))
    start = {"fc.weight": np.zeros((1, 1)), "fc.bias": np.zeros(1)}
    x, y = {"x": np.ones((1, 1))}, {"y": np.full((1, 1), 4.0)}
    for each in (engine, exact):
        each.load(start)
    scales = []
    for _ in range(4):
        before = engine.snapshot()
        assert float(engine.step(x, y)[0]) == 16
        after = engine.snapshot()
        scales.append(after.numbers["scale"])
        if scales[-1] < before.numbers["scale"]:
            assert all(np.array_equal(array, after.arrays[name]) for name, array in before.arrays.items())
    assert scales == [2.0**14, 2.0**13, 2.0**12, 2.0**12]
    assert after.numbers == {"step": 4, "scale": 2.0**12, "good": 1, "skipped": 3}
    exact.step(x, y)
    # Adam's corrections count the steps that were taken: the first one moves by the rate
    for name, array in exact.arrays().items():
        np.testing.assert_allclose(engine.arrays()[name], array, rtol=1e-5)


def test_gradients_alone_find_a_scale_that_fits():
    """They change nothing, so they cannot wait for a step that halves it: the slope is 8, and 8 it is."""
    engine = mixed(linear(1, 1), "float16", optimizer=SGD(0.1))
    engine.load({"fc.weight": np.zeros((1, 1)), "fc.bias": np.zeros(1)})
    _, slopes = engine.gradients({"x": np.ones((1, 1))}, {"y": np.full((1, 1), 4.0)})
    assert slopes["fc.weight"].item() == slopes["fc.bias"].item() == -8
    assert engine.snapshot().numbers["scale"] == 2.0**15


def test_the_scale_grows_after_many_steps_without_overflow(monkeypatch):
    monkeypatch.setattr(import_module("cnndsl.backends.mlx.scaling"), "PATIENCE", 3)
    engine = mixed(linear(), "float16", optimizer=SGD(0.01))
    x, y = {"x": np.ones((4, 3))}, {"y": np.zeros((4, 2))}
    scales = []
    for _ in range(7):
        engine.step(x, y)
        scales.append(engine.snapshot().numbers["scale"])
    assert scales == [2.0**power for power in (15, 15, 16, 16, 16, 17, 17)]


def test_gradients_that_are_finite_at_no_scale_are_told_and_not_left_out_for_ever():
    """A slope of 8e4 is infinite in float16 at any scale: once that is 1 the loss is NaN, which stops a training."""
    engine = mixed(linear(1, 1), "float16", optimizer=SGD(0.1))
    engine.load({"fc.weight": np.zeros((1, 1)), "fc.bias": np.zeros(1)})
    scaling = import_module("cnndsl.backends.mlx.scaling")
    engine.state = engine.state._replace(scaling=scaling.restored({"scale": 2.0}))
    losses = [float(engine.step({"x": np.ones((1, 1))}, {"y": np.full((1, 1), 4e4)})[0]) for _ in range(3)]
    np.testing.assert_array_equal(losses, [np.float32(1.6e9), np.nan, np.nan])
    assert engine.snapshot().numbers == {"step": 3, "scale": 1.0, "good": 0, "skipped": 1}
    assert not any(array.any() for array in engine.arrays().values())


def test_an_engine_goes_on_from_a_snapshot_to_the_same_bits():
    program = small()
    given = list(batches(program, 6))
    whole, first, second = (mixed(program, "float16", optimizer=Adam(0.01), seed=1) for _ in range(3))
    first.state = first.state._replace(scaling=import_module("cnndsl.backends.mlx.scaling").restored({"scale": 64}))
    whole.state = whole.state._replace(scaling=first.state.scaling)
    for number, (x, y) in enumerate(given):
        whole.step(x, y)
        if number < 3:
            first.step(x, y)
        if number == 3:
            second.restore(first.snapshot())
        if number >= 3:
            second.step(x, y)
    expected, found = whole.snapshot(), second.snapshot()
    assert expected.numbers == found.numbers and found.numbers["scale"] == 64
    assert all(np.array_equal(array, found.arrays[name]) for name, array in expected.arrays.items())


@pytest.mark.slow
def test_lenet_learns_the_sample_as_well():
    """An epoch of 1,667 of its digits: float32 finds more than 3 in 4, and so must 16 bits, to 3 in 100."""
    sample = data.open("sample")
    x, y = (array[::3] for array in sample.train.whole())
    net, scores = cnndsl.loads(LENET), {}
    for precision in ("float32", *TYPES):
        model = net.compile(backend="mlx", precision=precision, optimizer="adam", rate=3e-3, seed=1)
        model.fit(x, y, epochs=1, batch_size=25, verbose=0)
        scores[precision] = model.evaluate(sample)["accuracy"]
    assert scores["float32"] > 0.75
    assert all(abs(score - scores["float32"]) < 0.03 for score in scores.values()), scores


BARS = "net Bars { input 6x6x1 -> conv(4, 3) -> relu -> flatten -> fc(2) -> softmax }"


def test_a_training_goes_on_with_its_scale_and_only_in_its_precision(tmp_path):
    x, y = np.random.default_rng(0).random((32, 6, 6, 1), np.float32), np.arange(32) % 2
    made = {"backend": "mlx", "precision": "float16", "seed": 1}
    fitted = {"batch_size": 8, "verbose": 0}
    whole, first, second = (cnndsl.loads(BARS).compile(**made) for _ in range(3))
    scaling = import_module("cnndsl.backends.mlx.scaling")
    for model in (whole, first):
        model.engine.state = model.engine.state._replace(scaling=scaling.restored({"scale": 256, "good": 5}))
    whole.fit(x, y, epochs=3, **fitted)
    first.fit(x, y, epochs=2, checkpoints=tmp_path, **fitted)
    second.fit(x, y, epochs=3, checkpoints=tmp_path, resume=True, **fitted)
    assert second.engine.snapshot().numbers == whole.engine.snapshot().numbers
    assert second.engine.snapshot().numbers == {"step": 12, "scale": 256, "good": 17, "skipped": 0}
    for name, array in whole.engine.snapshot().arrays.items():
        assert np.array_equal(array, second.engine.snapshot().arrays[name]), name
    other = cnndsl.loads(BARS).compile(**made | {"precision": "float32"})
    with pytest.raises(CnnError, match=r"E545(.|\n)*mlx in float16 in the checkpoint, mlx now"):
        other.fit(x, y, epochs=3, checkpoints=tmp_path, resume=True, **fitted)


def test_the_command_takes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = ["train", "bars.cnn", "--data", bars(tmp_path), "--epochs", "2"]
    assert main([*arguments, "--backend", "mlx", "--precision", "bfloat16", "-o", "bars.safetensors"]) == 0
    assert 'precision = "bfloat16"' in (tmp_path / "runs/Bars-1/settings.toml").read_text()
    assert (tmp_path / "bars.safetensors").exists()
    capsys.readouterr()
    assert main([*arguments, "--backend", "numpy", "--precision", "bfloat16"]) == 1
    assert "E623" in capsys.readouterr().err


def test_numpy_has_no_mixed_precision():
    with pytest.raises(CnnError, match=r"E623.*`numpy` has no `precision`(.|\n)*backend=\"mlx\""):
        cnndsl.loads(LENET).compile(backend="numpy", precision="bfloat16")


def test_a_precision_that_is_none():
    with pytest.raises(CnnError, match=r"E521(.|\n)*did you mean `bfloat16`"):
        cnndsl.loads(LENET).compile(backend="mlx", precision="bfloat61")
