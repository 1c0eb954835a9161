"""Penalties, clipping, accumulation, running means, rates by layer: against plain transcriptions, on both backends."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.diagnostic import CnnError
from cnndsl.engine import Traits
from cnndsl.train.optimizers import SGD, Adam, slope
from cnndsl.train.update import Update

BACKENDS = [name for name, reason in available().items() if reason is None]
NET = "net N { input 5 ; a: fc(8) -> relu ; b: fc(3) }"
WEIGHT, BIAS = Traits(True), Traits(False)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def examples(count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    return x, x[:, :3].argmax(axis=1)


def trained(backend: str, text: str = NET, steps: int = 1, batch: int = 24, **settings) -> tuple[dict, dict, object]:
    """The arrays before and after so many epochs of plain gradient descent in the order of the examples."""
    model = cnndsl.loads(text).compile(**{"backend": backend, "optimizer": "sgd", "rate": 0.1, **settings})
    before = model.engine.arrays()
    model.fit(*examples(), epochs=steps, batch_size=batch, shuffle=False, verbose=0)
    return before, model.engine.arrays(), model


def slopes(backend: str, text: str = NET) -> dict[str, np.ndarray]:
    """The gradients of the first step."""
    model = cnndsl.loads(text).compile(backend=backend)
    x, y = examples()
    return model.engine.gradients({"input": x}, {"output": y})[1]


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 4.0])
def test_the_slope_of_a_penalty_is_that_of_its_formula(p: float) -> None:
    w, h = np.array([-2.0, -0.3, 0.7, 1.0, 3.0]), 1e-6
    expected = (np.abs(w + h) ** p - np.abs(w - h) ** p) / (2 * h) / p
    np.testing.assert_allclose(slope(np, w, p), expected, rtol=1e-6)
    assert slope(np, np.zeros(1), p) == 0


@pytest.mark.parametrize(
    ("settings", "penalty"),
    [
        ({"l2": 0.3}, lambda w: 0.3 * w),
        ({"l1": 0.3}, lambda w: 0.3 * np.sign(w)),
        ({"lp": (3, 0.3)}, lambda w: 0.3 * np.abs(w) * w),
        ({"l1": 0.1, "l2": 0.2}, lambda w: 0.1 * np.sign(w) + 0.2 * w),
    ],
)
def test_penalties_pull_weights_and_leave_biases(backend: str, settings, penalty) -> None:
    before, after, _ = trained(backend, **settings)
    for name, gradient in slopes(backend).items():
        if not name.startswith("input:"):
            pull = penalty(before[name]) if name.endswith("weight") else 0
            expected = before[name] - 0.1 * (gradient + pull)
            np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)


def test_penalties_in_the_source_go_before_those_of_compile(backend: str) -> None:
    layers = "fc(8, l2=0) -> relu ; fc(8, l1=0.5, lp=(2, 0.1)) -> batchnorm -> relu ; fc(3)"
    text = f"net N {{ input 5 ; {layers} }}"
    before, after, _ = trained(backend, text, l2=0.3)
    pulls = {
        "fc1.weight": lambda w: 0 * w,
        "fc2.weight": lambda w: 0.5 * np.sign(w) + 0.1 * w,
        "fc3.weight": lambda w: 0.3 * w,
        "batchnorm1.weight": lambda w: 0 * w,
    }
    for name, gradient in slopes(backend, text).items():
        if name in pulls:
            expected = before[name] - 0.1 * (gradient + pulls[name](before[name]))
            np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_norm_of_all_gradients_together_is_limited(backend: str) -> None:
    found = {name: array for name, array in slopes(backend).items() if not name.startswith("input:")}
    norm = np.sqrt(sum(float((array.astype(float) ** 2).sum()) for array in found.values()))
    for limit in (0.01, 2 * norm):
        before, after, _ = trained(backend, clip_norm=limit)
        for name, gradient in found.items():
            expected = before[name] - 0.1 * min(1, limit / norm) * gradient
            np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)
            assert after[name].dtype == np.float32


def test_every_number_of_the_gradient_is_limited(backend: str) -> None:
    before, after, _ = trained(backend, clip_value=0.02)
    for name, gradient in slopes(backend).items():
        if not name.startswith("input:"):
            expected = before[name] - 0.1 * np.clip(gradient, -0.02, 0.02)
            np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("settings", [{}, {"clip_norm": 0.05}, {"optimizer": "adam", "l2": 0.1}])
def test_accumulated_small_batches_are_one_large_batch(backend: str, settings) -> None:
    _, whole, _ = trained(backend, steps=3, batch=24, **settings)
    _, parts, _ = trained(backend, steps=3, batch=6, accumulate=4, **settings)
    for name, array in whole.items():
        np.testing.assert_allclose(parts[name], array, rtol=1e-3, atol=1e-5, err_msg=name)


def test_nothing_moves_before_enough_is_accumulated(backend: str) -> None:
    before, after, _ = trained(backend, batch=6, accumulate=5)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)


def test_running_means_are_those_of_the_formula(backend: str) -> None:
    model = cnndsl.loads(NET).compile(backend=backend, optimizer="sgd", rate=0.5, ema=0.8)
    assert model.averages() == {}
    x, y = examples()
    mean = {name: np.zeros_like(array) for name, array in model.engine.arrays().items()}
    for _ in range(5):
        model.fit(x, y, batch_size=24, verbose=0)
        mean = {name: 0.8 * mean[name] + 0.2 * array for name, array in model.engine.arrays().items()}
    own = model.engine.arrays()
    for name, array in model.averages().items():
        np.testing.assert_allclose(array, mean[name] / (1 - 0.8**5), rtol=1e-5, atol=1e-7, err_msg=name)
    with model.averaged():
        within = model.engine.arrays()
        np.testing.assert_allclose(within["a.fc1.weight"], model.averages()["a.fc1.weight"], rtol=1e-6)
        averaged = model.evaluate(x, y)["loss"]
    for name, array in own.items():
        np.testing.assert_array_equal(model.engine.arrays()[name], array)
    assert averaged != model.evaluate(x, y)["loss"]
    history = model.fit(x, y, epochs=1, batch_size=24, verbose=0, validation_data=(x, y))
    with model.averaged():
        assert history["val_loss"][-1] == pytest.approx(model.evaluate(x, y)["loss"], rel=1e-5)


def test_layers_at_rates_of_their_own(backend: str) -> None:
    before, plain, _ = trained(backend)
    _, slower, _ = trained(backend, rates={"a": 0.5, "b": 0.0})
    for name in before:
        part = 0.5 if name.startswith("a.") else 0.0
        expected = part * (plain[name] - before[name])
        np.testing.assert_allclose(slower[name] - before[name], expected, rtol=1e-3, atol=1e-6, err_msg=name)


ALL = {
    "l1": 1e-3,
    "l2": 1e-2,
    "clip_norm": 0.5,
    "clip_value": 0.2,
    "accumulate": 2,
    "ema": 0.9,
    "rates": {"a": 0.3},
}


@pytest.mark.skipif(len(BACKENDS) < 2, reason="only one backend is installed")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_both_backends_do_all_of_it_alike(optimizer: str) -> None:
    """From the same seed the same numbers, to 1 in 10,000 after 12 updates."""
    found = []
    for name in BACKENDS:
        _, after, model = trained(name, steps=6, batch=6, optimizer=optimizer, rate=0.05, **ALL)
        found.append(after | {f"mean {key}": array for key, array in model.averages().items()})
    for name, array in found[0].items():
        np.testing.assert_allclose(found[1][name], array, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.skipif("mlx" not in BACKENDS, reason="MLX is not installed")
def test_a_count_on_the_device_gives_the_same() -> None:
    """As in a compiled step, where both ways are computed and one is taken."""
    mx = pytest.importorskip("mlx.core")
    update = Update(Adam(), l2=0.1, clip_norm=0.5, accumulate=3, ema=0.9)
    rng = np.random.default_rng(1)
    w, slots = rng.normal(size=4).astype(np.float32), tuple(np.zeros(4, np.float32) for _ in update.slots)
    v, kept = mx.array(w), tuple(map(mx.array, slots))
    for count in range(1, 8):
        g = rng.normal(size=4).astype(np.float32)
        norm = float(np.linalg.norm(update.gathered(g, slots)))
        w, slots = update.apply(np, w, g, slots, rate=0.1, count=count, traits=WEIGHT, norm=norm)
        v, kept = update.apply(
            mx, v, mx.array(g), kept, rate=mx.array(0.1), count=mx.array(count), traits=WEIGHT, norm=mx.array(norm)
        )
        for one, other in zip((w, *slots), (v, *kept), strict=True):
            np.testing.assert_allclose(np.array(other), one, rtol=1e-4, atol=1e-6)


def test_what_is_not_asked_for_costs_nothing() -> None:
    model = cnndsl.loads(NET).compile(backend="numpy", optimizer="adam", l1=0.0, accumulate=1)
    assert model.optimizer == Adam()
    assert Update(SGD(momentum=0.9)).slots == ("velocity",)
    assert Update(Adam(), accumulate=2, ema=0.5).slots == ("mean", "square", "total", "ema")
    assert Update(SGD(), l2=np.float32(0.5), lp=[3, 0.25]) == Update(SGD(), l2=0.5, lp=(3, 0.25))
    assert repr(Update(SGD(), l2=0.1)) == "sgd(rate=0.01, momentum=0.0, nesterov=False), l2=0.1"


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"l2": -1}, "E523", "`l2` of compile is -1; it must be a number of at least 0"),
        ({"lp": (0.5, 0.1)}, "E523", "p at least 1"),
        ({"lp": 0.1}, "E523", "a pair (p, amount)"),
        ({"clip_norm": 0}, "E523", "a number above 0, or None"),
        ({"accumulate": 0}, "E523", "a whole number of at least 1"),
        ({"ema": 1.0}, "E523", "below 1"),
        ({"clipnorm": 1.0}, "E522", "did you mean `clip_norm`?"),
        ({"gradient_accumulation_steps": 4}, "E522", "did you mean `accumulate`?"),
        ({"rates": {"fc9": 0.1}}, "E534", "`N` has no layers `fc9`"),
        ({"rates": {"a": -1}}, "E523", "`rates['a']` of compile is -1"),
    ],
)
def test_settings_that_cannot_work(settings, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        cnndsl.loads(NET).compile(backend="numpy", **settings)
    assert code in str(error.value)
    assert words in " ".join(str(error.value).split())
