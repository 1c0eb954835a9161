"""Liveness against a slow simulator and against the plans of the NumPy engine."""

from __future__ import annotations

from importlib import import_module
from math import prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl.analysis.liveness import lives
from cnndsl.backends import load
from cnndsl.flow import PREDICT, TRAIN
from cnndsl.primitives import AdaptivePool
from cnndsl.program import Convolve, MaxPool
from tests.analysis.brute_liveness import Simulator
from tests.backends import test_numpy_engine, test_numpy_graphs
from tests.backends.build import lenet5

PLAN = import_module("cnndsl.backends.numpy.plan")
GRAPHS = st.one_of(test_numpy_engine.graphs(), test_numpy_graphs.graphs())


@given(GRAPHS, st.sampled_from([2, 4, 8]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_bytes_at_every_moment_are_those_of_a_slow_simulator(program, width, training):
    found = lives(program, TRAIN if training else PREDICT)
    assert list(found.timeline(width)) == Simulator(program, training, width).usage


def size(buffer):
    return buffer.size * buffer.dtype.itemsize


class Seen:
    """What a plan asks for: buffers of gradients (also those made apart), and for each step what is kept."""

    def __init__(self, monkeypatch):
        self.gradients, self.kept = [], {}
        monkeypatch.setattr(PLAN, "place_gradients", self.wrapped(PLAN.place_gradients))
        monkeypatch.setattr(PLAN.Bench, "kept", self.noted(PLAN.Bench.kept))

    def wrapped(self, real):
        def gradients(plan, *rest):
            count = len(plan.buffers)
            real(plan, *rest)
            self.gradients += plan.buffers[count:]

        return gradients

    def noted(self, real):
        def kept(bench, shape, dtype=None):
            buffer = real(bench, shape, dtype)
            self.kept.setdefault(bench.then, []).append(buffer)
            return buffer

        return kept


def planned(program, mode, batch):
    """A plan of the engine, and what it asked for."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        seen = Seen(monkeypatch)
        (plan,) = load("numpy").build(program).plan(batch, mode).plans
    return plan, seen


def check_line(plan, seen, batch):
    """Values and gradients take the bytes that the analysis says, at every moment.

    Only a relu that is done within a batch normalization is read with it, a moment later than alone.
    """
    found = lives(plan.program.replace(steps=plan.steps), plan.mode)
    held = {buffer.root for buffer in [*plan.values.values(), *plan.gradients.values(), *seen.gradients]}
    wanted = [block for block in found.blocks if block.role != "kept"]
    turns = zip(plan.schedule.turns, plan.rules, strict=True)
    later = {rule.y.root: turn.now + 1 for turn, rule in turns if rule in plan.merged and turn.now is not None}
    last = {buffer: buffer.last - (buffer.last == later.get(buffer)) for buffer in held}
    line = [sum(size(b) for b in held if b.first <= t <= last[b]) for t in range(len(found.moments))]
    assert line == [batch * sum(b.size(4) for b in wanted if b.first <= t <= b.last) for t in range(len(line))]


def check_kept(plan, seen, batch):
    """A rule keeps what its primitive says; the exceptions are the engine's own ways, and bounded."""
    for i, step in enumerate(plan.steps):
        if step.output.number not in plan.moving:
            continue
        have = sum(map(size, seen.kept.get(plan.schedule.turns[i].then, [])))
        shapes = tuple(value.shape for value in step.inputs)
        declared = batch * sum(k.count * (k.bytes or 4) for k in step.primitive.kept(shapes, step.output.shape))
        if isinstance(step.primitive, Convolve):
            assert declared == 0  # what is kept are columns, where they are small
        elif declared and isinstance(step.primitive, MaxPool | AdaptivePool):
            # an index for each cell of each stage of a separable pool: only the last stage has the output's size
            largest = max(prod(step.inputs[0].shape), prod(step.output.shape))
            assert have <= batch * 4 * largest * (len(step.output.shape) - 1)
            assert have >= declared or len({*shapes, step.output.shape}) == 1
        else:
            assert have == declared, step


@given(GRAPHS, st.sampled_from([PREDICT, TRAIN]))
@settings(max_examples=80, deadline=None)
def test_any_plan_of_the_numpy_engine_is_that_of_the_analysis(program, mode):
    plan, seen = planned(program, mode, 3)
    check_line(plan, seen, 3)
    check_kept(plan, seen, 3)


ZOO = {"lenet.cnn:LeNet5": None, "resnet.cnn:ResNet18": "64x64x3", "squeezenet.cnn:SqueezeNet1_1": "64x64x3"}
FOLDER = Path(cnndsl.__file__).parent / "zoo"


@pytest.mark.parametrize("mode", [PREDICT, TRAIN], ids=["inference", "training"])
@pytest.mark.parametrize("net, extents", ZOO.items())
def test_the_arena_of_a_net_holds_what_the_analysis_says_and_the_engines_own(net, extents, mode):
    """Its own are columns, sums that are made apart, and scratch; lines that are not full and gaps are 5 % at most."""
    program = cnndsl.load(str(FOLDER / net), input=extents).program({"output": "cross_entropy"})
    plan, seen = planned(program, mode, 2)
    check_line(plan, seen, 2)
    check_kept(plan, seen, 2)
    found = lives(program.replace(steps=plan.steps), mode)
    roots = [buffer for buffer in plan.buffers if buffer.root is buffer]
    alive = [sum(b.bytes for b in roots if b.first <= t <= b.last) for t in range(plan.schedule.end + 1)]
    assert 2 * max(found.timeline(4)) <= max(alive) <= plan.bytes <= 1.05 * max(alive)


def test_a_relu_behind_a_pool_takes_less_than_before_it():
    """The one thing that the engine reorders: its plan of LeNet-5 is smaller than the program's, never larger."""
    program = lenet5()
    plan, _ = planned(program, TRAIN, 2)
    assert max(lives(program.replace(steps=plan.steps), TRAIN).timeline(4)) < max(lives(program, TRAIN).timeline(4))
