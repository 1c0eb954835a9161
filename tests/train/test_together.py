"""What ranks tell each other, over threads that stand for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl import CnnError, data
from cnndsl.data.share import Share
from cnndsl.data.visit import Visit
from cnndsl.engine import Snapshot
from cnndsl.train.feed import Batch
from cnndsl.train.meter import Meter
from cnndsl.train.task import Counts
from cnndsl.train.together import NOTHING, SAVE, STOP, Together
from tests.train.fake import CLASSES, INPUTS, fake_model

SIZE = 3


class Threads:
    """Ranks that are threads: what they give lies in a list that all of them see."""

    size = SIZE
    wishes: tuple[int, ...] = ()

    def __init__(self, rank: int, table: list[bytes], barrier: Barrier) -> None:
        self.rank, self.table, self.barrier = rank, table, barrier
        self.told: list[tuple[int, int, tuple[int, ...]]] = []

    def tell(self, first, count, wishes):
        self.told.append((first, count, wishes))

    def every(self, data):
        self.table[self.rank] = data
        self.barrier.wait(10)
        found = list(self.table)
        self.barrier.wait(10)
        return found

    def first(self, data):
        return self.every(data)[0]


def each(work):
    """What a function of Together gives on every rank."""
    table, barrier = [b""] * SIZE, Barrier(SIZE)
    with ThreadPoolExecutor(SIZE) as pool:
        found = [pool.submit(work, Together(Threads(rank, table, barrier))) for rank in range(SIZE)]
        return [one.result(timeout=30) for one in found]


@given(st.integers(1, 9), st.integers(0, 50))
def test_shares_are_all_rows_each_once_and_nearly_even(size, count):
    rows = [list(range(count))[Share(rank, size).rows(count)] for rank in range(size)]
    assert [row for each in rows for row in each] == list(range(count))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1


def batches(part, share):
    model = fake_model()
    feed = model.task.feed(part)
    feed.share = share
    return list(feed.batches(7, Visit(5, 0)))


@pytest.mark.parametrize("kind", ["arrays", "iterable"])
def test_ranks_read_batches_in_parts_that_do_not_overlap(kind):
    x, y = np.arange(22 * INPUTS, dtype=np.float32).reshape(22, INPUTS), np.arange(22) % CLASSES
    pairs = [(x[start : start + 7], y[start : start + 7]) for start in range(0, 22, 7)]
    part = (x, y) if kind == "arrays" else data.open(pairs)
    whole, shared = batches(part, Share()), [batches(part, Share(rank, SIZE)) for rank in range(SIZE)]
    assert [len(each) for each in shared] == [4] * SIZE
    for number, batch in enumerate(whole):
        parts = [each[number] for each in shared]
        assert [part.first for part in parts] == np.cumsum([0, *(part.count for part in parts)])[:-1].tolist()
        for name, array in batch.inputs.items():
            np.testing.assert_array_equal(np.concatenate([p.inputs[name][: p.count] for p in parts]), array)
            assert all(len(p.inputs[name]) == max(p.count, 1) for p in parts), "one without rows has one all the same"


def test_what_ranks_have_measured_is_added_up():
    goals = fake_model(metrics=["accuracy"]).task.goals
    (name,) = goals
    outputs, wanted = np.eye(CLASSES, dtype=np.float32), np.array([0, 0, 2])

    def work(together):
        meter = Meter(goals)
        for row in range(together.share.rank):  # none, one and two examples
            counted = Counts(goals)(np, {goals[name].output: outputs[row : row + 1]}, {name: wanted[row : row + 1]})
            meter.add(float(row + 1), 1, counted)
        return together.merged(meter).scores()

    found = each(work)
    assert found == [found[0]] * SIZE
    assert found[0]["loss"] == pytest.approx((1 + 1 + 2) / 3)
    assert found[0]["accuracy"] == pytest.approx(2 / 3)


def test_an_epoch_ends_on_all_ranks_where_the_first_of_them_has_no_more_batches():
    found = each(lambda together: len(list(together.even(iter(range(3 + together.share.rank)), known=False))))
    assert found == [3] * SIZE


def test_any_is_any_and_alone_it_is_oneself():
    assert each(lambda together: together.any(together.share.rank == 1)) == [True] * SIZE
    assert each(lambda together: together.any(False)) == [False] * SIZE
    assert Together(None).any(True) and not Together(None).any(False)


def test_a_wish_is_granted_on_all_after_the_step_with_which_it_was_told():
    threads = Threads(1, [], Barrier(1))
    together = Together(threads)
    together.tell(Batch({}, {}, 4, 2), STOP)
    assert threads.told == [(2, 4, (0, 1))]
    assert together.agreed(STOP) == NOTHING, "the others do not know of it yet"
    threads.wishes = (1, 0)
    assert together.agreed(NOTHING) == SAVE
    threads.wishes = (1, 1)
    assert together.agreed(NOTHING) == STOP
    together.saved()
    assert threads.wishes == (0, 1)
    assert Together(None).agreed(SAVE) == SAVE


def test_all_begin_where_rank_0_is_and_refuse_to_train_something_else():
    def work(together):
        rank = together.share.rank
        made = {"net": "Same", "batch_size": 32 if rank < 2 else 64}
        state = (
            Snapshot({"a.weight": np.full((2, 2), rank + 1, np.float32)}, {"step": rank}),
            {"made": made, "epoch": rank},
        )
        try:
            return together.led(state, made)
        except CnnError as error:
            return error.diagnostics[0]

    (snapshot, training), second, told = each(work)
    assert second[0].arrays["a.weight"].tolist() == snapshot.arrays["a.weight"].tolist() == [[1, 1], [1, 1]]
    assert (second[0].numbers["step"], second[1]["epoch"], training["epoch"]) == (0, 0, 0)
    assert (told.code, told.notes) == ("E609", ("batch size: 32 on rank 0, 64 here",))


def test_alone_nothing_is_said():
    meter = SimpleNamespace()
    assert Together(None).merged(meter) is meter and Together(None).leads
