"""The window arithmetic against positions counted one by one."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnndsl.errors.base import Refused
from cnndsl.errors.repairs import even_repairs, fitting_repairs
from cnndsl.errors.shapes import KernelTooLarge
from cnndsl.layers.window import Window, brief_window, pairs, same_pads, windows
from tests.layers.build import volume

small = st.integers(1, 6)
any_window = st.builds(
    Window,
    extent=st.integers(1, 24),
    kernel=small,
    stride=small,
    low=st.integers(0, 7),
    high=st.integers(0, 7),
    dilation=st.integers(1, 4),
    ceil=st.booleans(),
)


def positions(window: Window) -> list[int]:
    """Where the window starts, input cells counted from 0: tried one by one as the rule is told."""
    end = window.extent + window.high
    found = []
    for start in range(-window.low, end + 1, window.stride):
        last = start + (window.kernel - 1) * window.dilation
        if window.ceil:
            # one more position while cells are left behind the one before, if it starts inside
            more = last - window.stride < end - 1 and start < window.extent
        else:
            more = last < end
        if not more:
            break
        found.append(start)
    return found


def cells(window: Window, start: int) -> set[int]:
    """The real cells that a position reads."""
    taps = (start + tap * window.dilation for tap in range(window.kernel))
    return {cell for cell in taps if 0 <= cell < window.extent}


@given(any_window)
def test_output_is_the_number_of_positions(window):
    assert max(window.output, 0) == len(positions(window))
    assert window.fits == bool(positions(window))


@given(any_window)
def test_reads_and_unread_are_the_cells_under_the_positions(window):
    assume(window.fits)
    read = set().union(*(cells(window, start) for start in positions(window)))
    assert {cell for cell in range(window.extent) if window.reads(cell)} == read
    last = max(start + window.reach - 1 for start in positions(window))
    assert window.unread == sum(cell > last for cell in range(window.extent))
    assert window.overhang == max(0, last + 1 - window.extent - window.high)


@given(any_window)
def test_a_window_that_covers_sees_the_input_at_every_position(window):
    assume(window.fits)
    sees = all(cells(window, start) for start in positions(window))
    if window.covers:
        assert sees
    elif window.dilation <= window.extent and window.low >= window.reach:
        assert not sees


@given(any_window)
def test_padding_with_the_overhang_gives_the_same_positions_without_ceil(window):
    """What backends are told about a ceil pool: rounding down over a longer padding."""
    assume(window.fits and window.covers)
    plain = window.replace(high=window.high + window.overhang, ceil=False)
    assert positions(plain) == positions(window)


@given(st.integers(1, 40), small, small, st.integers(1, 3))
def test_same_padding_gives_one_position_for_every_stride(extent, kernel, stride, dilation):
    low, high = same_pads(extent, kernel, stride, dilation)
    window = Window(extent, kernel, stride, low, high, dilation)
    assert window.output == len(range(0, extent, stride))
    assert 0 <= high - low <= 1
    if low + high:
        fewer = window.replace(low=low - 1) if low else window.replace(high=high - 1)
        assert fewer.output < window.output


@pytest.mark.parametrize(
    "extent, kernel, stride, pad, expected",
    [(5, 3, 1, 1, 5), (5, 3, 2, 1, 3), (7, 3, 1, 1, 7), (224, 2, 2, 0, 112), (227, 11, 4, 0, 55), (32, 5, 1, 0, 28)],
)
def test_the_textbooks_examples(extent, kernel, stride, pad, expected):
    window = Window(extent, kernel, stride, pad, pad)
    assert window.output == expected == (extent - kernel + 2 * pad) // stride + 1
    assert window.remainder == 0


def test_a_pool_of_width_3_and_stride_2_on_6_cells():
    assert Window(6, 3, 2).output == 2
    assert Window(6, 3, 2, ceil=True).output == 3
    assert Window(6, 3, 2).unread == 1
    assert Window(6, 3, 2, ceil=True).overhang == 1


def test_open_extents_stay_open():
    window = Window(None, 3, 2)
    assert (window.output, window.remainder, window.unread, window.overhang) == (None, 0, 0, 0)
    assert window.fits and window.covers


def test_formulas_are_the_textbooks_with_numbers():
    assert Window(28, 5, 1).formula == "W2 = (W - F + 2P)/S + 1 = (28 - 5 + 2*0)/1 + 1 = 24"
    assert Window(7, 2, 2, 1, 1).formula == "W2 = floor((W - F + 2P)/S) + 1 = floor((7 - 2 + 2*1)/2) + 1 = 4"
    assert Window(7, 2, 2, ceil=True).formula == "W2 = ceil((W - F + 2P)/S) + 1 = ceil((7 - 2 + 2*0)/2) + 1 = 4"
    assert Window(9, 3, 1, 0, 2, 2).formula == (
        "W2 = (W + P_lo + P_hi - D(F - 1) - 1)/S + 1 = (9 + 0 + 2 - 2*(3 - 1) - 1)/1 + 1 = 7"
    )


@pytest.mark.parametrize(
    "pad, rank_1, rank_2",
    [(1, [(1, 1)], [(1, 1), (1, 1)]), ((1, 2), [(1, 2)], [(1, 1), (2, 2)]), (((2, 0),), [(2, 0)], None)],
)
def test_every_form_of_padding(pad, rank_1, rank_2):
    assert list(pairs("conv", pad, volume("128x9"))) == rank_1
    if rank_2:
        assert list(pairs("conv", pad, volume("8x8x3"))) == rank_2
    assert pairs("conv", ((1, 2), (3, 4)), volume("8x8x3")) == ((1, 2), (3, 4))


def test_one_window_for_each_axis():
    found = windows("conv", volume("16x112x112x3"), (3, 7, 7), (1, 2, 2), (1, 3, 3))
    assert [window.output for window in found] == [16, 56, 56]
    same = windows("conv", volume("5x?x3"), 3, 2, "same")
    assert [(window.low, window.high, window.output) for window in same] == [(1, 1, 3), (0, 1, None)]


def test_briefly():
    assert brief_window("conv", 5) == "conv 5"
    assert brief_window("conv", (3, 5), 2) == "conv 3x5/2"
    assert brief_window("conv", 7, (2, 1)) == "conv 7/2x1"


# ---- repairs -------------------------------------------------------------------------------------

axes = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=3)


def fits(extents, kernel, pads, dilation):
    return all(w + sum(pad) >= dilation * (kernel - 1) + 1 for w, pad in zip(extents, pads))


@given(axes, st.integers(1, 12), st.integers(1, 4))
def test_each_repair_fits_and_is_the_smallest_of_its_kind(sizes, kernel, dilation):
    extents, pad = [extent for extent, _ in sizes], sizes[0][1]
    pads = [(pad, pad)] * len(sizes)
    broken = tuple(Window(extent, kernel, 1, pad, pad, dilation) for extent in extents)
    assume(not all(window.fits for window in broken))
    found = {repair.argument: int(repair.text) for repair in fitting_repairs(broken)}
    changes = [repair.change for repair in fitting_repairs(broken)]
    assert changes == sorted(changes) and changes[0] > 0
    wider = next(p for p in range(99) if fits(extents, kernel, [(p, p)] * len(sizes), dilation))
    shorter = max(f for f in range(1, kernel + 1) if fits(extents, f, pads, dilation))
    closer = max((d for d in range(1, dilation + 1) if fits(extents, kernel, pads, d)), default=None)
    assert found == {"pad": wider, "kernel": shorter, **({"dilation": closer} if closer else {})}


def test_repairs_keep_the_form_of_what_was_written():
    by_axis = (Window(2, 5, 1, 1, 1), Window(9, 3, 1, 0, 0))
    assert {str(repair) for repair in fitting_repairs(by_axis)} == {"pad=(2, 0)", "kernel=(4, 3)"}
    uneven = (Window(2, 5, 1, 2, 0),)
    assert {str(repair) for repair in fitting_repairs(uneven)} == {"pad=(3, 1)", "kernel=4"}


@given(st.integers(4, 30), st.integers(1, 5), st.integers(2, 4), st.integers(0, 2))
def test_even_repairs_divide(extent, kernel, stride, pad):
    window = Window(extent, kernel, stride, pad, pad)
    assume(window.fits and window.covers and window.remainder)
    found = {repair.argument: int(repair.text) for repair in even_repairs((window,))}
    for argument, value in found.items():
        changed = {"low": value, "high": value} if argument == "pad" else {argument: value}
        assert window.replace(**changed).remainder == 0
    assert "stride" in found  # 1 always divides


def test_the_message_of_a_kernel_that_does_not_fit():
    with pytest.raises(Refused) as refused:
        windows("conv", volume("4x5x16"), 5)
    problem = refused.value.problem
    assert isinstance(problem, KernelTooLarge)
    found = problem.diagnostic()
    assert found.title == "the kernel of `conv` does not fit: it covers 5 cells, its input has 4"
    assert found.notes == ("height: W2 = (W - F + 2P)/S + 1 = (4 - 5 + 2*0)/1 + 1 = 0, which must be at least 1",)
    assert found.helps == ("`pad=1` or `kernel=4` makes it fit; so does an input of at least 5x5 at this layer",)


@given(any_window.filter(lambda window: not window.ceil))
def test_blind_positions_and_idle_cells_are_those_that_meet_padding_only(window):
    assume(window.fits)
    starts = positions(window)
    lying = [range(start, start + window.reach) for start in starts]
    assert window.blind == sum(cells.stop <= 0 or cells.start >= window.extent for cells in lying)
    cells = range(window.kernel)
    idle = [cell for cell in cells if not any(0 <= start + cell * window.dilation < window.extent for start in starts)]
    # In the middle of the kernel a stride wider than the input can step over it, which is not counted.
    assert window.idle == len(idle) if window.stride <= window.extent else window.idle <= len(idle)


def test_an_open_axis_has_blind_positions_at_its_low_end():
    assert Window(None, 3, low=4, high=4).blind == 2
    assert Window(None, 3, low=1, high=9).blind == Window(None, 3, low=9).idle == 0


@given(any_window, st.booleans())
def test_the_formula_holds_in_letters_and_in_numbers(drawn, ceil):
    """Also where a `ceil` pool leaves out a window that would start behind the input."""
    window = drawn.replace(ceil=ceil)
    assume(window.fits)
    extent, kernel, stride, low, high, dilation, _ = window.as_tuple()
    _, letters, numbers, result = window.formula.split(" = ")
    rounding = {"ceil": math.ceil, "floor": math.floor}
    named = {"W": extent, "F": kernel, "S": stride, "P": low, "P_lo": low, "P_hi": high, "D": dilation}
    assert eval(letters.replace("2P", "2*P").replace("D(", "D*("), {**rounding, **named}) == window.output
    assert eval(numbers, rounding) == int(result) == window.output
