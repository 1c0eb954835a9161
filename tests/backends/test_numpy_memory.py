"""What the engine allocates, measured by tracemalloc (NumPy tells it of every array), against what it planned."""

from __future__ import annotations

import gc
import tracemalloc
from importlib import import_module

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import load
from cnndsl.train.optimizers import optimizer
from tests.backends.gradients import random_targets

shards = import_module("cnndsl.backends.numpy.shards")
engines = import_module("cnndsl.backends.numpy.engine")
#: what rules make on the way, in layers that once did so for whole arrays
MIXED = """
net Mixed {
    input 32x32x8
    early: conv(16, 3, pad=1) -> gelu
    maxpool(2) -> conv(16, 3, pad=1) -> layernorm -> prelu -> dropout(0.2) -> upsample(2, mode=linear)
    concat { early | id } -> conv(16, 3, pad=1, groups=16) -> groupnorm(4) -> maxout(2) -> noise(0.1)
    pad(1, value=reflect) -> medianpool(3) -> rbf(8, 1) -> scale
    global_avgpool -> flatten -> fc(10) -> softmax
}
"""
RESIDUAL = """
block basic(k, stride = 1) {
    add {
        | conv(k, 3, stride=stride, pad=1, bias=false) -> batchnorm -> relu
            -> conv(k, 3, pad=1, bias=false) -> batchnorm
        | if stride == 1 { id } else { conv(k, 1, stride=stride, bias=false) -> batchnorm }
    }
    relu
}
net Residual {
    input 32x32x3
    conv(32, 3, pad=1, bias=false) -> batchnorm -> relu
    basic(32) -> basic(64, 2) -> basic(64)
    global_avgpool -> flatten -> fc(10) -> softmax
}
"""
UNET = """
block double(k) { { conv(k, 3, pad=1) -> relu } * 2 }
net Skips {
    input 32x32x1
    high: double(16)
    maxpool(2) -> double(32) -> deconv(16, 2, stride=2)
    concat { high | id } -> double(16) -> conv(2, 1)
}
"""
LENET = """
net LeNet5 {
    input 28x28x1
    conv(6, 5, pad=2) -> relu -> maxpool(2) -> conv(16, 5) -> relu -> maxpool(2)
    flatten -> fc(120) -> relu -> fc(84) -> relu -> fc(10) -> softmax
}
"""
NETS = {"LeNet-5": (LENET, 128), "residual": (RESIDUAL, 16), "skips": (UNET, 16), "mixed": (MIXED, 16)}


@pytest.fixture(params=[(1, 1), (2, 2), (1, 3)], ids=["one part", "two parts", "one part of three threads"])
def parts(request, monkeypatch):
    """A batch in one piece, cut in two wherever that is possible, or in one piece that three threads predict."""
    parts, threads = request.param
    monkeypatch.setattr(shards, "WORK", 1 if parts == 2 else 1 << 40)
    monkeypatch.setattr(shards, "EXAMPLES", 1)
    monkeypatch.setattr(engines, "threads", lambda: threads)
    return parts


def network(name, update="adam"):
    """An engine, and a batch for it."""
    text, batch = NETS[name]
    net = cnndsl.loads(text)
    program = net.program(dict.fromkeys(net.outputs, "cross_entropy"))
    rng = np.random.default_rng(0)
    x = {key: rng.normal(size=(batch, *value.shape)).astype(np.float32) for key, value in program.inputs.items()}
    return program, (x, random_targets(program, batch, rng)), optimizer(update), batch


@pytest.fixture
def traced():
    """How many bytes are allocated, and how many were at most since the last question."""
    gc.collect()  # what other tests left would be taken down, and told of, in the midst of a step
    tracemalloc.start(1)

    def ask():
        found = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return found

    yield ask
    tracemalloc.stop()


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("name", NETS)
def test_the_peak_is_the_one_planned(name, training, parts, traced):
    program, data, update, batch = network(name)
    run = lambda engine: engine.step(*data) if training else engine.predict(data[0])  # noqa: E731
    run(load("numpy").build(program, optimizer=update))  # what is made once and for all: modules, caches
    gc.collect()
    before, _ = traced()
    engine = load("numpy").build(program, optimizer=update)
    for _ in range(2):
        run(engine)
    _, most = traced()
    planned = engine.planned(batch, training=training)
    assert planned.parts == parts
    assert most - before == pytest.approx(planned.peak, rel=0.10)
    assert planned in load("numpy").planned(program, batch, optimizer=update)


@pytest.mark.parametrize("name", NETS)
def test_a_training_step_allocates_less_than_a_megabyte(name, parts, traced):
    program, data, rule, _ = network(name, "adamw")
    engine = load("numpy").build(program, optimizer=rule)
    engine.step(*data)
    engine.step(*data)
    allocated = []
    for _ in range(3, 11):
        before, _ = traced()
        engine.step(*data)
        allocated.append(traced()[1] - before)
    # in one of the eight another thread of the process, of the tests' runner say, may have allocated
    assert sorted(allocated)[-2] < 1_000_000, allocated


def test_what_lies_in_the_arena_at_its_fullest():
    """A convolution of 3x3 cells on 16x16x4 in float32, batch 2, whose gradient is not asked for."""
    text = "net One { input 16x16x4\n conv(8, 1, bias=false) -> relu }"
    net = cnndsl.loads(text)
    (planned,) = load("numpy").planned(net.program(), 2)
    assert planned.parameters == 4 * 8 * 4
    assert (planned.gradients, planned.state) == (0, 0)
    assert planned.results == 2 * 16 * 16 * 8 * 4
    assert (planned.phase, planned.path) == ("forward", "conv1")
    assert {(held.role, held.path, held.bytes) for held in planned.held} == {
        ("input", "input", 2 * 16 * 16 * 4 * 4),
        ("activation", "conv1", 2 * 16 * 16 * 8 * 4),
    }
    assert planned.arena == sum(held.bytes for held in planned.held)
    assert planned.peak == planned.parameters + planned.arena + planned.results
