"""A batch cut into parts for several threads gives what one thread gives."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.backends import load
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build, lenet5
from tests.backends.gradients import random_targets

NUMPY = load("numpy")
engine_module = import_module("cnndsl.backends.numpy.engine")
shards = import_module("cnndsl.backends.numpy.shards")
team = import_module("cnndsl.backends.numpy.team")


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
    assert max(engine.teams) == min(threads, batch // shards.EXAMPLES)
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
