"""The update rules against their papers' formulas, written here once more in float64, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.diagnostic import CnnError
from cnndsl.train.optimizers import SGD, Adagrad, Adam, AdamW, Lion, RMSprop, Rule, optimizer, optimizers

STEPS = 25


def run(rule: Rule, start: np.ndarray, gradients: list[np.ndarray], *, decays: bool = True) -> list[np.ndarray]:
    """Every parameter along the way, as an engine would apply the rule."""
    parameter, slots = start, tuple(np.zeros_like(start) for _ in rule.slots)
    passed = []
    for count, gradient in enumerate(gradients, 1):
        parameter, slots = rule.update(np, parameter, gradient, slots, rate=rule.rate, count=count, decays=decays)
        passed.append(parameter)
    return passed


@pytest.fixture
def problem() -> tuple[np.ndarray, list[np.ndarray]]:
    generator = np.random.default_rng(7)
    return generator.normal(size=(3, 4)), [generator.normal(size=(3, 4)) for _ in range(STEPS)]


def test_plain_sgd_is_rate_times_gradient(problem) -> None:
    start, gradients = problem
    assert SGD().slots == ()
    np.testing.assert_allclose(run(SGD(rate=0.1), start, gradients)[-1], start - 0.1 * sum(gradients), rtol=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_unrolls_to_a_weighted_sum_of_gradients(problem, nesterov: bool) -> None:
    start, gradients = problem
    rate, momentum = 0.05, 0.8
    expected = start.copy()
    for t in range(STEPS):
        velocity = sum(momentum ** (t - i) * gradients[i] for i in range(t + 1))
        expected = expected - rate * (gradients[t] + momentum * velocity if nesterov else velocity)
    found = run(SGD(rate=rate, momentum=momentum, nesterov=nesterov), start, gradients)[-1]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def reference_adam(start, gradients, *, rate, beta1, beta2, eps, decay=0.0):
    """Algorithm 1 of the paper with its bias-corrected moments, and AdamW's decay on top."""
    theta, m, v = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for t, g in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - rate * (m_hat / (np.sqrt(v_hat) + eps) + decay * theta)
    return theta


@pytest.mark.parametrize("eps", [1e-8, 1e-2])
def test_adam_is_the_papers_algorithm(problem, eps: float) -> None:
    start, gradients = problem
    expected = reference_adam(start, gradients, rate=0.02, beta1=0.8, beta2=0.95, eps=eps)
    found = run(Adam(rate=0.02, beta1=0.8, beta2=0.95, eps=eps), start, gradients)[-1]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_the_first_step_of_adam_is_the_rate_times_the_sign(problem) -> None:
    start, gradients = problem
    first = run(Adam(rate=0.01), start, gradients[:1])[0]
    np.testing.assert_allclose(start - first, 0.01 * np.sign(gradients[0]), rtol=1e-6)


def test_adamw_decays_weights_by_rate_times_decay(problem) -> None:
    start, gradients = problem
    settings = {"rate": 0.02, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    expected = reference_adam(start, gradients, **settings, decay=0.1)
    np.testing.assert_allclose(run(AdamW(**settings, decay=0.1), start, gradients)[-1], expected, rtol=1e-11)


def test_adamw_leaves_what_does_not_decay_to_adam(problem) -> None:
    start, gradients = problem
    found = run(AdamW(decay=0.5), start, gradients, decays=False)[-1]
    np.testing.assert_array_equal(found, run(Adam(), start, gradients)[-1])


def test_adamw_without_gradient_shrinks_geometrically() -> None:
    start = np.array([1.0, -2.0])
    found = run(AdamW(rate=0.1, decay=0.5), start, [np.zeros(2)] * 3)[-1]
    np.testing.assert_allclose(found, start * 0.95**3, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_rmsprop_is_the_lectures_rule(problem, momentum: float) -> None:
    """Slide 29 of lecture 6: the gradient divided by the root of a running mean of its square."""
    start, gradients = problem
    theta, mean_square, buffer = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for g in gradients:
        mean_square = 0.8 * mean_square + 0.2 * g**2
        buffer = momentum * buffer + g / (np.sqrt(mean_square) + 1e-3)
        theta = theta - 0.02 * buffer
    found = run(RMSprop(rate=0.02, rho=0.8, momentum=momentum, eps=1e-3), start, gradients)[-1]
    np.testing.assert_allclose(found, theta, rtol=1e-12)


def test_adagrad_divides_by_the_root_of_all_squares_so_far(problem) -> None:
    start, gradients = problem
    theta = start.copy()
    for t, g in enumerate(gradients):
        theta = theta - 0.1 * g / (np.sqrt(sum(h**2 for h in gradients[: t + 1])) + 1e-4)
    np.testing.assert_allclose(run(Adagrad(rate=0.1, eps=1e-4), start, gradients)[-1], theta, rtol=1e-12)


@pytest.mark.parametrize("decays", [True, False])
def test_lion_is_the_papers_program(problem, decays: bool) -> None:
    """Program 1 of the paper, line by line, with its weight decay."""
    start, weight, momentum = problem[0], problem[0].copy(), np.zeros_like(problem[0])
    for gradient in problem[1]:
        update = gradient * (1 - 0.8) + momentum * 0.8
        update = np.sign(update)
        momentum = gradient * (1 - 0.95) + momentum * 0.95
        update = update + weight * (0.3 if decays else 0.0)
        weight = weight - update * 0.01
    found = run(Lion(rate=0.01, beta1=0.8, beta2=0.95, decay=0.3), start, problem[1], decays=decays)[-1]
    np.testing.assert_allclose(found, weight, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(optimizers()))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_of_the_arrays_stays(name: str, dtype: type) -> None:
    rule = optimizer(name, **({"momentum": 0.9} if name == "sgd" else {}))
    start, gradient = np.ones((2, 2), dtype), np.full((2, 2), 0.5, dtype)
    slots = tuple(np.zeros_like(start) for _ in rule.slots)
    parameter, kept = rule.update(np, start, gradient, slots, rate=rule.rate, count=1, decays=True)
    assert [array.dtype for array in (parameter, *kept)] == [dtype] * (1 + len(slots))


@pytest.mark.parametrize("name", sorted(optimizers()))
def test_what_was_given_is_not_written_to(name: str) -> None:
    rule = optimizer(name, **({"momentum": 0.9} if name == "sgd" else {}))
    arrays = [np.full(3, 0.5) for _ in range(2 + len(rule.slots))]
    rule.update(np, arrays[0], arrays[1], tuple(arrays[2:]), rate=0.1, count=3, decays=True)
    assert all((array == 0.5).all() for array in arrays)


@pytest.mark.parametrize("name", sorted(optimizers()))
def test_mlx_arrays_give_the_same_numbers(name: str) -> None:
    mx = pytest.importorskip("mlx.core")
    rule = optimizer(name, **({"momentum": 0.9, "nesterov": True} if name == "sgd" else {}))
    generator = np.random.default_rng(3)
    start = generator.normal(size=(4, 3)).astype(np.float32)
    gradients = [generator.normal(size=(4, 3)).astype(np.float32) for _ in range(10)]
    expected = run(rule, start, gradients)[-1]
    parameter, slots = mx.array(start), tuple(mx.zeros((4, 3)) for _ in rule.slots)
    for count, gradient in enumerate(gradients, 1):
        parameter, slots = rule.update(
            mx,
            parameter,
            mx.array(gradient),
            slots,
            rate=mx.array(rule.rate),
            count=mx.array(float(count)),
            decays=True,
        )
    assert parameter.dtype == mx.float32
    np.testing.assert_allclose(np.asarray(parameter), expected, rtol=2e-4, atol=1e-6)


def test_by_name_with_settings_or_as_an_instance() -> None:
    assert optimizer("sgd", rate=0.1, momentum=0.9) == SGD(rate=0.1, momentum=0.9)
    assert optimizer("AdamW") == AdamW()
    rule = SGD(rate=0.5)
    assert optimizer(rule) is rule or optimizer(rule) == rule
    assert optimizer(rule, momentum=0.9) == SGD(rate=0.5, momentum=0.9)
    assert repr(SGD(rate=0.1)) == "sgd(rate=0.1, momentum=0.0, nesterov=False)"


def test_the_spec_of_a_choice_makes_it_again() -> None:
    for rule in (SGD(), SGD(rate=0.1, momentum=0.9), RMSprop(rho=0.5), Lion(decay=1.0)):
        assert optimizer(rule.spec) == rule
    assert SGD().spec == "sgd"
    assert Lion(decay=1.0).spec == {"kind": "lion", "decay": 1.0}


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


@pytest.mark.parametrize(
    ("chosen", "settings", "code", "words"),
    [
        ("adma", {}, "E521", ["`adma`", "`adam`", "sgd"]),
        (3, {}, "E521", ["`3`", "adagrad, adam, adamw, lion, rmsprop, sgd"]),
        ("adam", {"lr": 0.1}, "E522", ["`lr`", "`rate`"]),
        ("sgd", {"momentun": 0.1}, "E522", ["`momentun`", "`momentum`", "nesterov"]),
        ("adam", {"weight_decay": 0.1}, "E522", ["`weight_decay`", "rate, beta1, beta2, eps"]),
        ("adam", {"rate": 0}, "E523", ["`rate`", "0", "above 0"]),
        ("adam", {"rate": -0.1}, "E523", ["-0.1", "above 0"]),
        ("adam", {"rate": "fast"}, "E523", ["'fast'", "above 0"]),
        ("adam", {"rate": True}, "E523", ["True"]),
        ("adam", {"rate": float("nan")}, "E523", ["nan"]),
        ("adam", {"beta2": 1.0}, "E523", ["`beta2`", "1.0", "below 1"]),
        ("sgd", {"momentum": 1.5}, "E523", ["`momentum`", "1.5", "at least 0 and below 1"]),
        ("sgd", {"nesterov": True}, "E523", ["`momentum`", "nesterov"]),
        ("sgd", {"nesterov": 1, "momentum": 0.9}, "E523", ["`nesterov`", "True or False"]),
        ("adamw", {"decay": -1.0}, "E523", ["`decay`", "-1.0", "at least 0"]),
        ("rmsprop", {"alpha": 0.9}, "E522", ["`alpha`", "did you mean `rho`?"]),
        ("RMSpop", {}, "E521", ["did you mean `rmsprop`?"]),
        ("lion", {"beta_1": 0.9}, "E522", ["did you mean `beta1`?"]),
        ("lion", {"decay": "much"}, "E523", ["'much'"]),
        ({"kind": "sgd", "rate": 0}, {}, "E523", ["`rate` of sgd is 0"]),
    ],
)
def test_bad_settings_are_met_with_a_diagnostic(chosen, settings, code: str, words: list[str]) -> None:
    with pytest.raises(CnnError) as error:
        optimizer(chosen, **settings)
    assert said(error)[0] == code
    for word in words:
        assert word in said(error)[1]


def test_a_setting_of_another_optimizer_is_named_with_it() -> None:
    with pytest.raises(CnnError) as error:
        optimizer("adam", weight_decay=0.1)
    assert "did you mean" not in said(error)[1]
    assert "`decay` is a setting of adamw, lion" in said(error)[1]


def test_a_users_own_rule_is_found_by_its_name() -> None:
    class Still(Rule):
        kind = "still_for_test"

    assert optimizer("still_for_test") == Still()
