"""Biases, added values and activations done to products in the cache: the numbers of the steps one by one."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl.backends import load
from cnndsl.flow import PREDICT
from cnndsl.program import Unary
from cnndsl.train.optimizers import SGD
from tests.backends.build import Build
from tests.backends.gradients import random_targets
from tests.backends.test_numpy_ways import WAYS, by

NUMPY = load("numpy")
calls = import_module("cnndsl.backends.numpy.calls")
FUNCTIONS = ["relu", "relu6", "sigmoid", "tanh", "silu", "gelu", "hardswish"]


@st.composite
def networks(draw):
    """Maps with activations behind them, and sums with values from before or behind; some values are read again."""
    net = Build()
    x = net.input(draw(st.integers(3, 9)), draw(st.integers(3, 9)), 4)
    seen = [x]
    for _ in range(draw(st.integers(1, 3))):
        kernel, groups = draw(st.sampled_from([(1, 1), (3, 1), (3, 2), (3, 4)]))
        x = net.conv(seen[-1], 4, kernel, pads=kernel // 2, groups=groups, bias=draw(st.booleans()))
        for _ in range(draw(st.integers(0, 3))):
            if draw(st.booleans()):
                x = net.unary(x, draw(st.sampled_from(FUNCTIONS)))
            else:
                x = net.combine("add", *draw(st.permutations([x, draw(st.sampled_from(seen))])))
        seen.append(x)
    if draw(st.booleans()):
        net.output(draw(st.sampled_from(seen)), name="between")
    x = net.unary(net.dense(net.flatten(x), 5, bias=draw(st.booleans())), draw(st.sampled_from(FUNCTIONS)))
    net.squared_error(net.output(x))
    return net.program()


LEARNED = [
    "conv(4, 3, pad=1)",
    "conv(4, 3, groups=2)",
    "conv(4, 3, stride=2, dilation=2, pad=2)",
    "conv(4, 1)",
    "deconv(4, 3)",
    "deconv(4, 2, stride=2, bias=false)",
    "local(4, 3)",
    "conv(4, 3, groups=4)",
    "batchnorm",
    "conv(4, 3) -> batchnorm",
    "deconv(4, 3) -> batchnorm",
    "flatten -> fc(6)",
]


@pytest.mark.parametrize("layer", LEARNED)
@pytest.mark.parametrize("activation", ["relu", "relu6", "celu", "sigmoid"])
def test_any_learned_layer_has_its_activation(layer, activation):
    """With every value an output nothing is done behind another's back."""
    net = cnndsl.loads(f"net One {{ input 7x7x4 ; {layer} -> {activation} -> dropout(0.5) -> tanh }}")
    program = net.program(None)
    (name,), (end,) = program.inputs, program.outputs
    x = {name: np.random.default_rng(0).normal(size=(3, *program.inputs[name].shape))}
    engine = NUMPY.build(program, seed=0, dtype="float64")
    plain = NUMPY.build(
        program.replace(outputs={str(step.output.number): step.output for step in program.steps}),
        seed=0,
        dtype="float64",
    )
    last = str(program.outputs[end].number)
    np.testing.assert_allclose(engine.predict(x)[end], plain.predict(x)[last], rtol=1e-9, atol=1e-12)


@given(program=networks(), batch=st.integers(1, 3), most=st.sampled_from([0, 40]))
@settings(max_examples=80, deadline=None)
def test_a_prediction_is_what_the_steps_give_one_by_one(program, batch, most):
    """A step of training does them one by one. With `most` 0 no calls are kept, but made again in each run."""
    rng = np.random.default_rng(0)
    x = {"x": rng.normal(size=(batch, *program.inputs["x"].shape))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "MOST", most)
        engine = NUMPY.build(program, optimizer=SGD(), dtype="float64")
        found = [engine.predict(x) for _ in range(2)]
    targets = random_targets(program, batch, rng)
    evaluated = engine.evaluate(x, targets)[1]
    plain = engine.step(x, targets)[1]
    for name, expected in plain.items():
        for outputs in (*found, evaluated):
            np.testing.assert_allclose(outputs[name], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("shape", [(3, 9, 7, 4), (9, 7, 4), (7, 4)])
@pytest.mark.parametrize("budget", [1, 1 << 20])
def test_every_way_finishes_what_it_makes_part_by_part(name, shape, budget, monkeypatch):
    """A residual of its own for each position tells if a part were done with another's, or left out, or done twice."""
    modules = {
        module: import_module(f"cnndsl.backends.numpy.{module}") for module in ("tiled", "sweep", "ways.columns")
    }
    for module, setting in (("tiled", "BUDGET"), ("sweep", "BUDGET"), ("ways.columns", "BLOCK")):
        monkeypatch.setattr(modules[module], setting, budget)
    monkeypatch.setattr(modules["tiled"], "FEWEST", 1)
    monkeypatch.setattr(modules["ways.columns"], "POSITIONS", 1)
    by(name, monkeypatch)
    net = Build()
    x = net.input(*shape)
    for groups in (1, shape[-1]):
        kernel = 1 if name == "Pointwise" else 3
        x = net.relu(net.combine("add", net.conv(x, 4, kernel, pads=kernel // 2, groups=groups), x))
    net.squared_error(net.output(x))
    program = net.program()
    engine = NUMPY.build(program, optimizer=SGD(), dtype="float64")
    rng = np.random.default_rng(0)
    x = {"x": rng.normal(size=(2, *shape))}
    found = engine.predict(x)["y"]
    np.testing.assert_allclose(found, engine.step(x, random_targets(program, 2, rng))[1]["y"], rtol=1e-12, atol=1e-12)


def test_what_is_read_twice_stays_as_it_is():
    """y = relu(w x + v x) + w x: all of it is done to the second map's result, and the first keeps its own."""
    net = Build()
    x = net.input(2, 2, 1)
    one, other = net.conv(x, 1, 1, name="one"), net.conv(x, 1, 1, name="other")
    net.output(net.combine("add", net.relu(net.combine("add", one, other)), one))
    engine = NUMPY.build(net.program())
    engine.load({"one.weight": np.full((1, 1, 1, 1), 3), "other.weight": np.full((1, 1, 1, 1), -5)})
    engine.load({"one.bias": np.ones(1), "other.bias": np.full(1, 2)})
    x = np.array([1, -1, 0, 2], np.float32).reshape(1, 2, 2, 1)
    # w x + 1 = 4 -2 1 7, v x + 2 = -3 7 2 -8; their sums 1 5 3 -1
    assert engine.predict({"x": x})["y"].ravel().tolist() == [5, 3, 4, 7]
    (plan,) = engine.plan(1, PREDICT).plans
    assert [len(rule.tail) for rule in plan.rules] == [0, 3]


def test_a_residual_block_is_its_convolutions():
    text = """
    block basic(k) { add { | conv(k, 3, pad=1) -> batchnorm -> relu -> conv(k, 3, pad=1) -> batchnorm | id } -> relu }
    net Residual { input 8x8x3 -> conv(4, 3, pad=1) -> batchnorm -> relu -> basic(4) -> basic(4) }
    """
    engine = NUMPY.build(cnndsl.loads(text).program(None))
    (plan,) = engine.plan(1, PREDICT).plans
    assert [type(step.primitive).__name__ for step in plan.steps] == ["Convolve"] * 5
    assert sum(isinstance(step.primitive, Unary) for tail in plan.tails.values() for step in tail) == 5
