"""Attacks: against a net whose gradient is known, within their limits, alike on every backend."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.diagnostic import CnnError
from cnndsl.train.attacks import FGSM, PGD, Attack
from cnndsl.train.choices import choose

BACKENDS = [name for name, reason in available().items() if reason is None]
LINE = "net Line { input 4 ; fc(1, bias=false) }"
NET = "net N { input 6x6x1 ; conv(4, 3) -> batchnorm -> relu -> dropout(0.1) ; flatten -> fc(3) -> softmax }"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def line(backend: str):
    """y = w x with squared error: the slope is 2 (w x - t) w."""
    model = cnndsl.loads(LINE).compile(backend=backend, loss="mse")
    model.engine.load({"fc1.weight": np.array([[1.0, -2.0, 0.0, 0.5]], np.float32)})
    return model


def bars(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images from 0 to 1 of a faint bar: across, down, or none."""
    generator = np.random.default_rng(seed)
    x = generator.uniform(0.3, 0.5, (count, 6, 6, 1)).astype(np.float32)
    y = np.arange(count) % 3
    for image, kind, place in zip(x, y, generator.integers(1, 5, count)):
        if kind < 2:
            image[(place, slice(None)) if kind == 0 else (slice(None), place)] += 0.4
    return x, y


def test_fgsm_moves_by_epsilon_along_the_sign(backend: str) -> None:
    x, t = np.full((2, 4), 0.5, np.float32), np.array([[-9.0], [9.0]])
    found = line(backend).attack(x, t, FGSM(0.2))
    np.testing.assert_allclose(found, [[0.7, 0.3, 0.5, 0.7], [0.3, 0.7, 0.5, 0.3]], rtol=1e-6)
    found = line(backend).attack(x, t, FGSM(0.8))
    np.testing.assert_allclose(found, [[1, 0, 0.5, 1], [0, 1, 0.5, 0]], rtol=1e-6)


def test_pgd_ends_where_a_linear_net_is_worst(backend: str) -> None:
    x, t = np.full((2, 4), 0.5, np.float32), np.array([[-9.0], [9.0]])
    found = line(backend).attack(x, t, PGD(0.2, steps=20))
    np.testing.assert_allclose(found[:, [0, 1, 3]], [[0.7, 0.3, 0.7], [0.3, 0.7, 0.3]], rtol=1e-5)
    start = line(backend).attack(x, t, PGD(0.2, steps=1, step=1e-9))
    assert (np.abs(start - x) <= 0.2 + 1e-6).all()
    assert len(np.unique(start)) == 8, "a random start of its own for every number"
    np.testing.assert_allclose(line(backend).attack(x, t, PGD(0.2, steps=1, step=0.1, random_start=False))[0, 0], 0.6)


def trained(backend: str, text: str = NET, **settings):
    model = cnndsl.loads(text).compile(backend=backend, optimizer="adam", rate=0.01)
    model.fit(*bars(240), epochs=8, batch_size=24, verbose=0, **settings)
    return model


def test_training_against_an_attack_helps_against_it() -> None:
    x, y = bars(90, seed=1)
    text = NET.replace("dropout(0.1)", "id")
    plain, hardened = trained("numpy", text), trained("numpy", text, adversarial=FGSM(0.08))
    before, after = (model.evaluate(model.attack(x, y, FGSM(0.08)), y)["accuracy"] for model in (plain, hardened))
    assert plain.evaluate(x, y)["accuracy"] > 0.9
    assert after > before + 0.15
    worse = hardened.evaluate(hardened.attack(x, y, PGD(0.08, steps=8)), y)["loss"]
    assert worse > hardened.evaluate(x, y)["loss"]


def test_an_attack_leaves_the_model_as_it_is(backend: str) -> None:
    model = trained(backend)
    before = model.engine.snapshot()
    x, y = bars(12)
    once = model.attack(x, y, "pgd", batch_size=5)
    np.testing.assert_array_equal(once, model.attack(x, y, "pgd", batch_size=5))
    after = model.engine.snapshot()
    assert after.numbers == before.numbers
    for name, array in before.arrays.items():
        np.testing.assert_array_equal(after.arrays[name], array)


@pytest.mark.skipif(len(BACKENDS) < 2, reason="only one backend is installed")
@pytest.mark.parametrize("attack", [FGSM(0.1), PGD(0.1, steps=3, part=1.0)])
def test_backends_train_alike_under_attack(attack: Attack) -> None:
    losses = []
    for backend in BACKENDS:
        model = cnndsl.loads(NET).compile(backend=backend, optimizer="sgd", rate=0.05)
        losses.append(model.fit(*bars(48), epochs=2, batch_size=16, verbose=0, adversarial=attack)["loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=2e-3)


def test_only_a_part_of_a_batch_is_attacked() -> None:
    model, seen = line("numpy"), []
    step = model.engine.step
    model.engine.step = lambda inputs, targets, rate: (
        seen.append(inputs["input"].copy()),
        step(inputs, targets, rate),
    )[1]
    x, t = np.full((8, 4), 0.5, np.float32), np.full((8, 1), -9.0)
    model.fit(x, t, batch_size=8, verbose=0, adversarial=FGSM(0.25, part=0.25))
    np.testing.assert_array_equal((seen[0] != x).any(axis=1), [True] * 2 + [False] * 6)


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda: FGSM(0), "E523", "`epsilon` of fgsm is 0"),
        (lambda: PGD(0.1, steps=0), "E523", "a whole number of at least 1"),
        (lambda: FGSM(part=1.5), "E523", "a number above 0 and at most 1"),
        (lambda: choose(Attack, "FastGradientMethod"), "E521", "did you mean `fgsm`?"),
        (lambda: choose(Attack, "fgsm", eps=0.1), "E522", "did you mean `epsilon`?"),
        (lambda: line("numpy").attack(np.full((1, 4), -0.5), [[1.0]]), "E523", "at most -0.5"),
        (lambda: line("numpy").attack(np.full((1, 4), 2.0), [[1.0]]), "E523", "at least 2, which the examples reach"),
    ],
)
def test_what_cannot_work_is_said(make, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        make()
    assert code in str(error.value)
    assert words in " ".join(str(error.value).split())


def test_limits_of_other_data() -> None:
    x = np.full((1, 4), -2.0, np.float32)
    found = line("numpy").attack(x, [[9.0]], FGSM(0.5, low=None, high=None))
    np.testing.assert_allclose(found, [[-2.5, -1.5, -2, -2.5]])
