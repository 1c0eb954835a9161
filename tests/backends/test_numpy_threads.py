"""A batch cut into parts for several threads gives what one thread gives."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnndsl
from cnndsl.backends import load
from cnndsl.engine import Running
from cnndsl.flow import PREDICT, TRAIN
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build, lenet5
from tests.backends.gradients import random_targets

NUMPY = load("numpy")
engine_module = import_module("cnndsl.backends.numpy.engine")
shards = import_module("cnndsl.backends.numpy.shards")
team = import_module("cnndsl.backends.numpy.team")
#: where it is told what is too little to be shared by threads, and how much that is
SHARED = {
    "engine": ("TOGETHER", 0),
    "ways.base": ("WORTH", 0),
    "rules.dense": ("SHARED", 1),
    "rules.activations": ("SHARED", 1),
    "rules.pooling": ("SHARED", 1),
}
TOGETHER = """
net Together {
    input 23x16x6
    { conv(64, 3, pad=1) -> batchnorm -> relu } * 2
    maxpool(3, stride=2, pad=1) -> sigmoid -> conv(12, 1)
    add { conv(24, 1) -> relu6 -> conv(24, 3, pad=1, groups=24) -> relu6 -> conv(12, 1) | id }
    conv(8, 5, stride=2, pad=2) -> gelu -> conv(8, 3, pad=1, groups=2)
    lrn -> avgpool(2) -> flatten -> fc(30) -> tanh -> dropout(0.5) -> fc(7) -> softmax
}
"""


class Gradient(Rule):
    rate: float = 0.1
    slots = ("last",)

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        return parameter - rate * gradient - 0.1 * slots[0], (gradient,)


def network():
    """Everything that looks beyond its own example: batch statistics, running ones, random masks."""
    net = Build()
    x = net.conv(net.input(6, 5, 3), 4, 3, pads=1)
    x = net.dropout(net.relu(net.batchnorm(x)), 0.3, 0)
    x = net.dropout(net.batchnorm(net.dense(net.flatten(x), 7), momentum=0.3), 0.5, 1)
    net.cross_entropy(net.output(net.dense(x, 3)))
    return net.program()


def trained(threads, monkeypatch, batch=18, dtype="float64"):
    """What there is to see after three steps: losses, outputs, parameters, gradients, predictions."""
    monkeypatch.setattr(engine_module, "threads", lambda: threads)
    monkeypatch.setattr(shards, "WORK", 1)
    program = network()
    engine = NUMPY.build(program, optimizer=Gradient(), dtype=dtype)
    rng = np.random.default_rng(0)
    inputs = {"x": rng.normal(size=(batch, 6, 5, 3))}
    targets = random_targets(program, batch, rng)
    seen = {}
    for i in range(3):
        seen[f"loss{i}"], outputs = engine.step(inputs, targets)
        seen[f"step{i}"] = outputs["y"]
    seen |= engine.arrays()
    loss, gradients = engine.gradients(inputs, targets)
    seen |= {f"gradient {name}": array for name, array in gradients.items()}
    seen["predict"] = engine.predict(inputs)["y"]
    seen["evaluate"] = engine.evaluate(inputs, targets)[0]
    return seen | {"loss": loss}, engine


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("batch", [18, 13])
def test_any_number_of_threads_gives_the_same_numbers(threads, batch, monkeypatch):
    one, _ = trained(1, monkeypatch, batch)
    many, engine = trained(threads, monkeypatch, batch)
    assert max(team.size for team in engine.teams.values()) == min(threads, batch // shards.EXAMPLES)
    assert one.keys() == many.keys()
    for name, array in one.items():
        np.testing.assert_allclose(many[name], array, rtol=1e-9, atol=1e-12, err_msg=name)


def test_threads_do_not_race(monkeypatch):
    first, _ = trained(4, monkeypatch)
    for _ in range(5):
        again, _ = trained(4, monkeypatch)
        assert all(np.array_equal(first[name], again[name]) for name in first)


@given(st.integers(1, 500), st.integers(1, 16), st.floats(0, 1e6), st.integers(0, 1 << 31))
def test_cuts(batch, threads, elements, gradients):
    parts = shards.cuts(batch, threads, elements, gradients)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(batch))
    assert len(parts) <= threads
    assert (len(parts) - 1) * gradients <= shards.COPIES
    assert all(part.start % 2 == 0 for part in parts)
    if len(parts) > 1:
        assert min(part.stop - part.start for part in parts) >= shards.EXAMPLES - 1
        assert batch * elements / len(parts) >= shards.WORK


def test_small_networks_are_not_cut_and_large_ones_are():
    small, large = shards.average(lenet5()), 50 * shards.average(lenet5())
    assert len(shards.cuts(64, 2, small, 1 << 20)) == 1
    assert len(shards.cuts(64, 2, large, 1 << 20)) == 2
    assert len(shards.cuts(64, 2, large, 1 << 30)) == 1  # the gradients would take too much


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_an_error_in_one_thread_ends_the_run_and_the_team_goes_on(failing):
    crew = team.Team(3)

    def job(seat):
        if seat == failing:
            raise KeyError(seat)
        crew.total(seat, np.ones(2))  # would wait for ever

    with pytest.raises(KeyError):
        crew.run([lambda seat=seat: job(seat) for seat in range(3)])
    found = [None] * 3

    def add(seat):
        found[seat] = crew.total(seat, np.full(2, seat + 1))

    crew.run([lambda seat=seat: add(seat) for seat in range(3)])
    assert [array.tolist() for array in found] == [[6, 6]] * 3


def test_a_barrier_that_only_the_callers_thread_reaches_is_not_the_error_shown():
    crew = team.Team(2)

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crew.run([lambda: crew.total(0, np.ones(1)), fail])


def test_matrix_products_take_one_thread_within_a_team_and_all_outside():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, user_api="blas"):
        inside = []
        before = team.threads()
        team.Team(2).run([lambda: inside.append(team.threads())] * 2)
        assert inside == [1, 1]
        assert team.threads() == before


def together(threads, monkeypatch, dtype="float64"):
    """An engine that has so many threads for a batch that is not cut, and shares out all that can be."""
    monkeypatch.setattr(engine_module, "threads", lambda: threads)
    monkeypatch.setattr(shards, "WORK", 1 << 40)
    for name, setting in SHARED.items():
        monkeypatch.setattr(import_module(f"cnndsl.backends.numpy.{name}"), *setting)
    return NUMPY.build(cnndsl.loads(TOGETHER).program(None), dtype=dtype)


@pytest.mark.parametrize("few", [0, 1 << 20], ids=["by positions", "by filters"])
@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("batch", [1, 3])
def test_threads_that_share_one_batch_give_what_one_gives(threads, batch, few, monkeypatch):
    monkeypatch.setattr(import_module("cnndsl.backends.numpy.ways.pointwise"), "FEW", few)
    x = {"input": np.random.default_rng(0).normal(size=(batch, 23, 16, 6))}
    one = together(1, monkeypatch).predict(x)
    engine = together(threads, monkeypatch)
    for name, expected in one.items():
        found = [engine.predict(x)[name] for _ in range(20)]
        np.testing.assert_allclose(found[0], expected, rtol=1e-12, atol=1e-14)
        assert all(np.array_equal(found[0], again) for again in found)  # they do not race
    (plan,) = engine.plan(batch, PREDICT).plans
    kinds = {type(getattr(rule, "way", rule)).__name__ for rule in plan.rules if all(map(any, _shares(rule, threads)))}
    assert kinds >= {"Columns", "Pointwise", "Depthwise", "Winograd", "Linear", "Largest", "Sigmoid"}


def _shares(rule, threads):
    return [list(rule.calls(seat)) for seat in range(threads)]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_an_error_in_one_thread_of_a_batch_ends_the_run_and_the_next_is_right(failing, monkeypatch):
    engine = together(3, monkeypatch)
    x = {"input": np.random.default_rng(0).normal(size=(1, 23, 16, 6))}
    (expected,) = engine.predict(x).values()
    (plan,) = engine.plan(1, PREDICT).plans
    calls = [plan.forwards, *plan.others][failing]

    def fail():
        raise KeyError(failing)

    for place in 1, len(calls) // 2, len(calls) - 1:
        calls.insert(place, fail)
        with pytest.raises(KeyError):
            engine.predict(x)
        del calls[place]
        np.testing.assert_array_equal(next(iter(engine.predict(x).values())), expected)


def test_small_batches_are_run_by_one_thread_and_so_are_those_whose_bits_matter(monkeypatch):
    monkeypatch.setattr(engine_module, "threads", lambda: 2)
    small, large = lenet5(), cnndsl.loads("net N { input 64x64x32 -> conv(64, 3, pad=1) -> relu }").program(None)
    running = Running(deterministic=True), Running(memory_limit=1 << 30)
    engines = [NUMPY.build(program) for program in (small, large)]
    engines += [NUMPY.build(large, running=each) for each in running]
    assert [engine.plan(1, PREDICT).plans[0].seats for engine in engines] == [1, 2, 1, 1]


@pytest.mark.parametrize(("batch", "products"), [(2, 1), (200, 2)])
def test_a_small_batch_that_is_not_cut_multiplies_in_one_thread(batch, products, monkeypatch):
    from threadpoolctl import threadpool_limits

    monkeypatch.setattr(shards, "WORK", 1 << 40)
    engine = NUMPY.build(lenet5(), optimizer=Gradient())
    with threadpool_limits(2, user_api="blas"):
        found = []
        engine.plan(batch, TRAIN).team.run([lambda: found.append(team.threads())])
        assert found == [products]
