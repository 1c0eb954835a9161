"""The variances that W319 speaks of, against formulas of the papers and against nets that run."""

from __future__ import annotations

import random
from math import pi, sqrt

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import load
from cnndsl.lints.advice.variance_runs_away import variances
from cnndsl.lower import lower
from tests.layers.build import layer

SEEDS = 8
STARTS = ["he", "glorot", "lecun", "orthogonal", "normal(0.1)", "uniform(0.15)"]
BENT = ["relu", "tanh", "leaky_relu(0.2)", "sigmoid", "elu", "gelu", "silu", "prelu", "selu", "softplus", "maxout(2)"]


def told(text: str) -> dict[str, tuple[float, float]]:
    """Mean and variance behind every layer of a net, by its path."""
    graph = cnndsl.loads(text).graph
    return {node.path: (found.mean, found.variance) for node, found in zip(graph.nodes, variances(graph)) if found}


def measured(text: str, size: tuple[int, ...], examples: int = 200) -> dict[str, tuple[float, float]]:
    """The same, of random examples in nets of several seeds."""
    graph = cnndsl.loads(text).graph
    every = {node.path.replace(".", "_"): node.number for node in graph.nodes if node.inputs}
    program = lower(graph.replace(outputs=every))
    x = np.random.default_rng(0).normal(size=(examples, *size)).astype(np.float32)
    found: dict[str, list[np.ndarray]] = {path: [] for path in every}
    for seed in range(SEEDS):
        outputs = load("numpy").build(program, seed=seed).predict({"input": x})
        for path in every:
            found[path].append(np.asarray(outputs[path]).ravel())
    return {path: (float(np.mean(values)), float(np.var(values))) for path, values in found.items()}


def test_the_formulas_of_the_papers():
    """He: relu halves the mean square, so fan_in * 2 / fan_in keeps it. Glorot: 2 / (fan_in + fan_out) times fan_in."""
    found = told("net N { input 300 ; fc(100, init=he) -> relu -> fc(50, init=glorot) }")
    assert found["fc1"] == pytest.approx((0, 2))
    assert found["relu1"] == pytest.approx((1 / sqrt(pi), 1 - 1 / pi), rel=1e-3)  # sigma = sqrt(2)
    assert found["fc2"] == pytest.approx((0, 100 * 2 / 150 * 1), rel=1e-3)


def test_the_larger_of_two_normal_values():
    found = told(
        "net N { input 10 ; fc(40, init=lecun) -> maxout(2) ; maximum { fc(5, init=zeros) | fc(5, init=zeros) } }"
    )
    assert found["maxout1"] == pytest.approx((1 / sqrt(pi), 1 - 1 / pi), rel=1e-3)


def test_constants_and_given_numbers():
    layers = "conv(1, 2, weights=[[1, 2], [3, -1]]) -> fc(2, init=zeros, bias=2) -> fc(3, init=1)"
    found = told(f"net N {{ input 4x4x1 ; {layers} }}")
    assert found["conv1"] == pytest.approx((0, 1 + 4 + 9 + 1))
    assert found["fc1"] == (2, 0)
    assert "fc2" not in found  # its units are equal, so what is behind them is not independent


def chain(number: int) -> str:
    """A random chain of fully connected layers, residual sums and concatenations."""
    draw = random.Random(number)
    lines = ["input 200"]
    for _ in range(5):
        start, act = draw.choice(STARTS), draw.choice(BENT)
        width = 400 if act.startswith("maxout") else 200
        block = f"fc({width}, init={start}, bias={draw.choice(['true', '0.3', 'false'])}) -> {act}"
        kind = draw.choice(["plain", "plain", "add", "concat", "norm", "sub", "average"])
        if kind == "plain":
            lines.append(block)
        elif kind == "norm":
            lines.append(f"{block} -> layernorm")
        else:
            lines.append(f"{kind} {{ id | {block} }} -> fc(200, init=lecun)")
    return "net N { " + " ; ".join(lines) + " }"


@pytest.mark.parametrize("number", range(12))
def test_random_nets_have_the_variances_that_are_told(number):
    text = chain(number)
    found, run = told(text), measured(text, (200,))
    for path, (mean, variance) in found.items():
        if path != "input":
            deviation = sqrt(run[path][1])
            assert run[path][1] == pytest.approx(variance, rel=0.25), (path, text)
            assert run[path][0] == pytest.approx(mean, abs=0.25 * deviation), (path, text)


@pytest.mark.parametrize("act", ["relu", "tanh", "silu"])
def test_convolutions_too(act):
    text = "net N { input 12x12x16 ; conv(32, 3) -> ACT -> conv(32, 3, groups=4, dilation=2) -> ACT -> local(4, 3) }"
    text = text.replace("ACT", act)
    found, run = told(text), measured(text, (12, 12, 16), examples=8)
    for path in ("conv1", "conv2", "local1"):
        assert run[path][1] == pytest.approx(found[path][1], rel=0.25), path


@pytest.mark.parametrize("kind", ["hardsigmoid", "hardswish", "mish", "lecun_tanh", "relu6", "celu"])
def test_a_function_at_a_number_is_what_a_backend_computes(kind):
    made = layer(kind)
    x = np.linspace(-8, 8, 41, dtype=np.float32)
    (y,) = (
        load("numpy")
        .build(lower(cnndsl.loads(f"net N {{ input 41 ; {kind} }}").graph))
        .predict({"input": x[None]})
        .values()
    )
    np.testing.assert_allclose([made.at(float(value)) for value in x], np.asarray(y)[0], atol=1e-5)


def test_what_only_bends_at_0_scales() -> None:
    """relu(a x) = a relu(x): computed once for a deviation of 1, it is what the integral gives for any."""
    from cnndsl.layers.moments import Before, Moments, bent

    for bend in (layer("relu"), layer("leaky_relu", slope=0.2)):
        for variance in (0.0, 1e-6, 0.3, 1.0, 77.5, 1e9):
            given = Moments(0.0, variance)
            found, whole = bend.moments(Before((given,), (1,), {})), bent(given, bend.at)
            assert (found.mean, found.variance) == pytest.approx((whole.mean, whole.variance), rel=1e-12)
