"""Results that are made again instead of kept: the same numbers from less memory."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl.backends import load
from cnndsl.diagnostic import CnnError
from cnndsl.flow import TRAIN
from cnndsl.needs import Needs
from cnndsl.program import Program, Step, Unary, Value
from cnndsl.schedule import Schedule
from tests.backends import test_numpy_engine, test_numpy_graphs
from tests.backends.test_numpy_engine import examples
from tests.backends.test_numpy_memory import RESIDUAL, UNET

engines = import_module("cnndsl.backends.numpy.engine")
shards = import_module("cnndsl.backends.numpy.shards")
recompute = import_module("cnndsl.backends.numpy.recompute")
NUMPY = load("numpy")
GRAPHS = st.one_of(test_numpy_engine.graphs(), test_numpy_graphs.graphs())
RANDOM = RESIDUAL.replace("basic(32) ->", "basic(32) -> dropout(0.3) -> drop_path(0.2) -> noise(0.1) ->")


class Chosen(cnndsl.record.Record):
    """Drops the steps whose numbers are named, as far as that can be."""

    numbers: frozenset[int]

    def dropped(self, program, steps):
        return recompute.settled(program, steps, {i for i in self.numbers if i < len(steps)})


# when


def chain(length):
    values = [Value(i, (1,)) for i in range(length + 1)]
    steps = tuple(Step(Unary("relu"), (values[i],), values[i + 1], f"s{i}") for i in range(length))
    return values, steps


def order(schedule):
    """What runs, in order: s2 forward, ~s2 again, -s2 backward."""
    events = [(turn.then, f"{'~' if turn.again else ''}{turn.step.path}") for turn in schedule.turns]
    events += [(turn.now, f"-{turn.step.path}") for turn in schedule.turns if turn.now is not None]
    return [name for _, name in sorted(events)]


def test_a_step_runs_again_just_before_a_gradient_needs_it():
    values, steps = chain(4)
    reading_inputs = [Needs(inputs=True)] * 4
    schedule = Schedule(steps, reading_inputs, range(1, 5), {1, 2})
    first = ["s0", "s1", "s2", "s3"]
    assert order(schedule) == [*first, "~s1", "~s2", "-s3", "-s2", "-s1", "-s0"]
    reads = schedule.reads(Program("p", {"x": values[0]}, {"y": values[4]}, steps, ()))
    times = {turn.output: turn.then for turn in schedule.turns}
    assert reads[2] == times[3]  # what s1 makes at first is read by s2 and no more
    assert reads[1] == next(turn.now for turn in schedule.turns if turn.index == 1 and turn.now)  # s0's is kept
    assert reads[~2] == next(turn.now for turn in schedule.turns if turn.index == 2 and turn.now)


def test_times_without_anything_dropped_go_forward_and_back():
    _, steps = chain(3)
    schedule = Schedule(steps, [Needs()] * 3, {2, 3})
    assert [(turn.then, turn.now) for turn in schedule.turns] == [(1, None), (2, 6), (3, 5)]
    assert (schedule.outputs, schedule.end) == (4, 8)


def test_a_long_chain_is_scheduled_without_recursion():
    _, steps = chain(5000)
    schedule = Schedule(steps, [Needs(inputs=True)] * 5000, range(1, 5001), set(range(5000)))
    assert sum(turn.again for turn in schedule.turns) == 5000


# the same numbers


@given(GRAPHS, st.frozensets(st.integers(0, 30)), st.integers(1, 3))
@settings(max_examples=80, deadline=None)
def test_whatever_is_dropped_the_gradients_are_those_of_the_plain_plan(program, numbers, batch):
    plain, again = (NUMPY.build(program, dtype="float64", seed=1) for _ in range(2))
    again.policy = Chosen(numbers)
    inputs, targets = examples(program, batch)
    (loss, gradients), (second, others) = (engine.gradients(inputs, targets) for engine in (plain, again))
    assert second == loss
    for name, array in gradients.items():
        np.testing.assert_allclose(others[name], array, rtol=1e-12, atol=1e-13, err_msg=name)


def trained(text, **options):
    net = cnndsl.loads(text)
    losses = {"loss": "mse"} if "Skips" in text else {}
    model = net.compile(backend="numpy", optimizer="adam", **losses, **options)
    rng = np.random.default_rng(0)
    ((name, value),) = model.program.inputs.items()
    x = {name: rng.normal(size=(8, *value.shape)).astype(np.float32)}
    ((target, shape),) = ((key, goal.shape) for key, goal in model.program.targets.items())
    y = {target: rng.normal(size=(8, *shape)).astype(np.float32) if losses else rng.integers(0, 10, 8)}
    found = [float(model.engine.step(x, y)[0]) for _ in range(3)]
    return model, found, model.engine.arrays()


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize(
    "text, paths",
    [
        (RANDOM, ["basic1", "basic2"]),
        (RANDOM, ["basic1", "dropout1", "drop_path1", "noise1"]),
        (UNET, ["high", "double2"]),
    ],
    ids=["blocks", "masks", "skips"],
)
def test_blocks_train_to_the_same_bits(text, paths, parts, monkeypatch):
    """Running statistics and random masks too: nothing is updated or drawn a second time."""
    monkeypatch.setattr(shards, "WORK", 1)
    monkeypatch.setattr(engines, "threads", lambda: parts)
    (_, losses, arrays), (model, others, again) = trained(text), trained(text, recompute=paths)
    assert others == losses
    assert all(np.array_equal(again[name], array) for name, array in arrays.items())
    ran = model.memory_plan(batch=8).training.again
    assert all(any(f"{path}.".startswith(f"{name}.") for path in ran.paths) for name in paths)
    assert ran.saved > 0 and 0 < ran.work < 1 and ran.seconds > 0


# limits


def peaks(text, **options):
    return cnndsl.loads(text).compile(backend="numpy", **options).memory_plan(batch=32).training


@pytest.mark.parametrize(
    "text, shares", [(RESIDUAL, (0.9, 0.8, 0.7)), (UNET, (0.95, 0.9, 0.8))], ids=["residual", "skips"]
)
def test_a_limit_is_kept_and_costs_more_the_lower_it_is(text, shares):
    plain, before = peaks(text), 0.0
    assert plain.again is None
    for share in shares:
        found = peaks(text, memory_limit=int(share * plain.peak))
        assert found.peak <= share * plain.peak
        assert found.again.saved == plain.arena - found.arena
        assert found.again.work >= before
        before = found.again.work
    assert peaks(text, memory_limit=plain.peak).again is None


def test_a_limit_trains_to_the_same_numbers():
    (_, losses, arrays) = trained(RESIDUAL)
    room = int(0.8 * cnndsl.loads(RESIDUAL).compile(backend="numpy").memory_plan(batch=8).training.peak)
    model, others, again = trained(RESIDUAL, memory_limit=room)
    assert model.memory_plan(batch=8).training.again
    np.testing.assert_allclose(others, losses, rtol=1e-5)
    for name, array in arrays.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-3, atol=1e-4, err_msg=name)


def test_a_limit_that_cannot_be_met_tells_both_numbers_and_a_batch_that_fits():
    model = cnndsl.loads(RESIDUAL).compile(backend="numpy", memory_limit="16MB")
    with pytest.raises(CnnError, match=r"E622") as caught:
        model.engine.plan(32, TRAIN)
    (problem,) = caught.value.diagnostics
    assert "a training step of `Residual` at batch 32 needs" in problem.title
    assert "`memory_limit` is 16.0 MB" in problem.title
    fitting = next(help for help in problem.helps if "fits" in help).partition("batch_size=")[2]
    model.engine.plan(int(fitting), TRAIN)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"recompute": "basc1"}, r"E521(.|\n)*did you mean `basic1`"),
        ({"memory_limit": "2gb"}, r"E091(.|\n)*did you mean `2GB`"),
        ({"deterministic": 1}, "E523"),
    ],
)
def test_what_is_refused(options, words):
    with pytest.raises(CnnError, match=words):
        cnndsl.loads(RESIDUAL).compile(backend="numpy", **options)


# determinism


def test_deterministic_training_has_the_same_bits_with_any_number_of_threads():
    from threadpoolctl import threadpool_limits

    found = []
    for threads in (1, 2, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(trained(RANDOM, deterministic=True))
    (model, losses, arrays), *others = found
    for _, again, same in others:
        assert again == losses
        assert all(np.array_equal(same[name], array) for name, array in arrays.items())
    chosen = model.engine.plan_record()
    assert chosen["deterministic"] is True
    (plan,) = chosen["plans"]
    assert (plan["purpose"], plan["batch"]) == ("training", 8)
    assert set(plan["ways"]) == {path for path in (node.path for node in model.net.graph) if "conv" in path}
