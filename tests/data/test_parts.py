"""Parts of data: blocks in order, going on in the middle, splits, batches from iterables, and reading ahead."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.data import dataset_of, open, part_of
from cnndsl.data.batches import Batches
from cnndsl.data.examples import Examples, InMemory
from cnndsl.data.prefetch import prefetch
from cnndsl.data.split import chosen
from cnndsl.data.visit import Visit, epoch_order
from cnndsl.diagnostic import CnnError

X = np.arange(11 * 6, dtype=np.float32).reshape(11, 2, 3, 1)
Y = np.arange(11) % 3


def loaders() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "cnndsl loader"]


class Slow(Examples):
    """A source of a user's own: the whole of what one must write."""

    slow = True

    def __init__(self) -> None:
        self.shape, self.y, self.name = (2, 3, 1), Y, "slow"

    def read(self, chosen):
        return X[chosen], None


@pytest.mark.parametrize("part", [InMemory("x", X, Y), Slow()])
def test_blocks_as_they_lie_and_as_an_epoch(part: Examples) -> None:
    blocks = list(part.blocks(4))
    assert [len(block.y) for block in blocks] == [4, 4, 3] and part.steps(4) == 3
    np.testing.assert_array_equal(np.concatenate([block.x for block in blocks]), X)
    order = epoch_order(7, 2, 11)
    mixed = list(part.blocks(4, Visit(7, 2)))
    np.testing.assert_array_equal(np.concatenate([block.x for block in mixed]), X[order])
    np.testing.assert_array_equal(np.concatenate([block.y for block in mixed]), Y[order])
    np.testing.assert_array_equal(np.concatenate([block.numbers for block in mixed]), order)


@pytest.mark.parametrize(
    "part", [InMemory("x", X, Y), Slow(), Batches([(X[:5], Y[:5]), (X[5:9], Y[5:9]), (X[9:], Y[9:])])]
)
def test_a_pass_goes_on_where_it_was_left(part) -> None:
    visit = Visit(1, 0)
    whole = list(part.blocks(4, visit))
    for first in range(4):
        rest = list(part.blocks(4, visit, first))
        assert len(rest) == 3 - first
        for one, other in zip(whole[first:], rest):
            np.testing.assert_array_equal(one.x, other.x)
            np.testing.assert_array_equal(np.arange(11)[one.numbers], np.arange(11)[other.numbers])


def test_a_block_in_memory_is_no_copy() -> None:
    (block,) = InMemory("x", X, Y).blocks(99)
    assert np.shares_memory(block.x, X)
    assert np.shares_memory(open((X, Y)).x, X)


def test_a_mapped_file_is_a_source(tmp_path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    data = open((mapped, Y))
    assert np.shares_memory(data.train.raw, mapped)
    np.testing.assert_array_equal(next(data.train.blocks(4)).x, X[:4])


def test_bytes_are_pixels_and_grey_ones_get_a_channel() -> None:
    data = open((np.full((3, 2, 2), 51, np.uint8), [0, 1, 2]))
    assert data.x.shape == (3, 2, 2, 1)
    np.testing.assert_allclose(data.x, 0.2, rtol=1e-6)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.floats(0, 0.9), st.integers(0, 3))
def test_a_split_holds_the_shares_of_the_classes(labels: list[int], share: float, seed: int) -> None:
    y = np.array(labels)
    aside = chosen(y, share, seed)
    total = max(1, round(share * len(y)))
    assert len(aside) == len(set(aside.tolist())) == total
    for label in set(labels):
        exact = total * labels.count(label) / len(labels)
        assert abs(int((y[aside] == label).sum()) - exact) < 1
    np.testing.assert_array_equal(aside, chosen(y, share, seed))


def test_a_split_is_a_partition_and_depends_on_the_seed() -> None:
    y = np.repeat(np.arange(4), 25)
    x = np.arange(100, dtype=np.float32).reshape(100, 1)
    data = open((x, y), validation=0.2, seed=1)
    both = np.concatenate([data.train.whole()[0], data.validation.whole()[0]])
    assert sorted(both.ravel()) == list(range(100))
    np.testing.assert_array_equal(np.bincount(data.validation.y), [5] * 4)
    np.testing.assert_array_equal(data.validation.whole()[0][:, 0] // 25, data.validation.y)
    assert data.validation.whole()[0].tolist() != open((x, y), validation=0.2, seed=2).validation.whole()[0].tolist()
    assert "80 training and 20 validation examples of 1" in repr(data)


def test_measurements_are_split_without_classes() -> None:
    assert len(chosen(np.linspace(0, 1, 50), 0.1, 0)) == 5


@pytest.mark.parametrize("share", [1, 1.5, -0.1, "0.1", True, 0.99])
def test_a_split_that_cannot_be(share) -> None:
    with pytest.raises(CnnError) as error:
        open((X, Y), validation=share)
    assert error.value.diagnostics[0].code == "E555"


def test_batches_cannot_be_split() -> None:
    with pytest.raises(CnnError) as error:
        open([(X, Y)], validation=0.1)
    assert "without numbers" in str(error.value)


def test_which_objects_are_data_and_which_are_arrays() -> None:
    assert part_of(X, "train") is None
    assert part_of({"a": X}, "train") is None
    assert part_of([[1, 2], [3, 4]], "train") is None
    assert part_of([], "train") is None
    assert isinstance(part_of([(X, Y), (X, Y)], "train"), Batches)
    assert isinstance(part_of((batch for batch in [(X, Y)]), "train"), Batches)
    assert isinstance(part_of(lambda: iter([(X, Y)]), "test"), Batches)
    whole = open("sample")
    assert dataset_of(whole) is whole
    assert part_of(whole, "test") is whole.test and part_of(whole, "validation") is whole.train
    assert part_of(whole.test, "train") is whole.test


def test_a_list_of_batches_knows_its_steps_and_a_generator_does_not() -> None:
    assert Batches([(X, Y)] * 3).steps(5) == 3
    assert Batches(iter([(X, Y)])).steps(5) == 0


def test_reading_ahead_keeps_the_order_and_a_bound() -> None:
    made: list[int] = []

    def items():
        for number in range(50):
            made.append(number)
            yield number

    ahead = prefetch(items(), depth=3)
    assert next(ahead) == 0
    for _ in range(100):
        time.sleep(0.002)
        assert len(made) <= 1 + 3 + 1 + 1  # given, waiting in the queue, in the hand of the thread
    assert list(ahead) == list(range(1, 50))
    assert not loaders()


def test_an_error_in_the_thread_comes_out_behind_what_was_made_before() -> None:
    def items():
        yield 1
        raise KeyError("three")

    ahead = prefetch(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="three"):
        next(ahead)
    assert not loaders()


@pytest.mark.parametrize("end", [lambda ahead: ahead.close(), lambda ahead: ahead.throw(KeyboardInterrupt)])
def test_no_thread_is_left_behind(end) -> None:
    closed = []

    def items():
        try:
            while True:
                yield 0
        finally:
            closed.append(True)

    ahead = prefetch(items())
    next(ahead)
    assert loaders()
    with suppress(KeyboardInterrupt):
        end(ahead)
    assert not loaders()
    assert closed == [True]
