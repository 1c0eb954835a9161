"""Copies and sums of short runs, beside NumPy's own of every number."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.backends.numpy.copying import add, copy

EXTENTS = st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple)


def some(data, shape, dtype=np.float32):
    """An array of that shape with numbers of its own: dense, a part of a larger one, or with its axes turned."""
    gaps = data.draw(st.tuples(*(st.integers(0, 2) for _ in shape)))
    order = data.draw(st.permutations(range(len(shape))))
    whole = np.arange(np.prod([shape[i] + gaps[i] for i in order], dtype=int), dtype=dtype)
    turned = whole.reshape([shape[i] + gaps[i] for i in order]).transpose(np.argsort(order))
    return turned[tuple(slice(gap // 2, gap // 2 + extent) for gap, extent in zip(gaps, shape, strict=True))]


@given(
    st.data(), EXTENTS, st.sampled_from([(np.float32, np.float32), (np.float64, np.float64), (np.float32, np.uint8)])
)
def test_a_copy_is_numpys(data, shape, kinds):
    target, source = (some(data, shape, kind) for kind in kinds)
    before, whole = target.copy(), target.base
    outside = whole.astype(np.float64).sum() - before.sum(dtype=np.float64)
    copy(target, source)()
    assert target.dtype == kinds[0] and np.array_equal(target, source.astype(kinds[0]))
    assert whole.astype(np.float64).sum() - target.sum(dtype=np.float64) == outside  # nothing else is written


@given(st.data(), EXTENTS, st.integers(0, 700))
def test_a_sum_is_numpys_with_and_without_room(data, shape, size):
    target, part = some(data, shape), some(data, shape)
    expected = target + part
    add(target, part, np.empty(size, np.float32))
    assert np.array_equal(target, expected)


def test_short_runs_are_copied_as_one_element_and_long_ones_as_they_are():
    def kind(run):
        return copy(np.empty((9, run), np.float32), np.zeros((9, 2 * run), np.float32)[:, ::1][:, :run]).args[0].dtype

    assert kind(6) == "V24" and kind(255) == "V1020"
    assert kind(1) == kind(256) == np.float32
