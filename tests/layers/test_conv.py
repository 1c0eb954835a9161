"""conv: shapes, weights and cost against the textbooks and against loops that count."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnndsl.errors.base import Site
from cnndsl.layers import kinds
from cnndsl.lower import lower
from cnndsl.program import Convolve
from cnndsl.source import Source, Span
from cnndsl.volume import StillOpen
from tests.layers.build import chain, gives, layer, refusal, volume


def shapes(made, size):
    return {array.name: array.shape for array in made.arrays(volume(size))}


def test_filters_of_5x5_over_32x32x3():
    made = layer("conv", 6, 5)
    assert gives(made, "32x32x3") == "28x28x6"
    one = layer("conv", 1, 5)
    assert {name: prod(shape) for name, shape in shapes(one, "32x32x3").items()} == {"weight": 75, "bias": 1}


def test_alexnets_first_layer():
    made = layer("conv", 96, 11, stride=4)
    assert gives(made, "227x227x3") == "55x55x96"
    counts = {name: prod(shape) for name, shape in shapes(made, "227x227x3").items()}
    assert counts == {"weight": 34_848, "bias": 96}
    assert made.macs(volume("227x227x3")) == 34_848 * 55 * 55


def test_one_kind_serves_one_two_and_three_axes():
    made = layer("conv", 32, 3, pad=1)
    assert [gives(made, size) for size in ("128x9", "28x28x1", "16x112x112x3")] == [
        "128x32", "28x28x32", "16x112x112x32",
    ]  # fmt: skip
    assert shapes(made, "16x112x112x3")["weight"] == (32, 3, 3, 3, 3)


def test_groups_split_the_channels():
    made = layer("conv", 256, 5, pad=2, groups=2)
    assert shapes(made, "27x27x96")["weight"] == (256, 5, 5, 48)
    weight = made.arrays(volume("27x27x96"))[0]
    assert (weight.start.fan_in, weight.start.fan_out) == (5 * 5 * 48, 5 * 5 * 128)


def test_a_causal_series():
    assert gives(layer("conv", 16, 3, pad=(4, 0), dilation=2), "100x8") == "100x16"


def test_bias_is_true_false_or_its_start():
    assert "bias" not in shapes(layer("conv", 4, 3, bias=False), "8x8x3")
    assert layer("conv", 4, 3, bias=0.1).arrays(volume("8x8x3"))[1].start.amount == 0.1


def test_open_extents_leave_the_weights_known():
    made = layer("conv", 8, 3, pad=1)
    assert gives(made, "?x?x3") == "?x?x8"
    assert shapes(made, "?x?x3")["weight"] == (8, 3, 3, 3)
    with pytest.raises(StillOpen):
        made.macs(volume("?x?x3"))
    with pytest.raises(StillOpen):
        made.arrays(volume("8x8x?"))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2))
def test_macs_are_those_of_the_loops(height, width, kernel, stride, pad, groups):
    made = layer("conv", 4, kernel, stride=stride, pad=pad, groups=groups)
    assume(min(height, width) + 2 * pad >= kernel)
    count = 0
    for _, _ in product(range(-pad, height + pad - kernel + 1, stride), range(-pad, width + pad - kernel + 1, stride)):
        for _filter, _row, _column, _channel in product(range(4), range(kernel), range(kernel), range(6 // groups)):
            count += 1
    assert made.macs(volume(f"{height}x{width}x6")) == count


def test_what_is_said_of_a_vector():
    found = refusal(layer("conv", 32, 5), "100")
    assert found.code == "E304"
    assert found.title == "`conv` needs at least one spatial axis; its input is 100, a vector"
    assert found.helps == ("put `conv` before what flattens, or give the input its axes, such as 28x28x1",)


def test_what_is_said_of_groups():
    assert refusal(layer("conv", 32, 3, groups=3), "8x8x16").title == (
        "`groups=3` of `conv` does not divide the input's channels, 16"
    )
    assert refusal(layer("conv", 31, 3, groups=2), "8x8x16").title == (
        "`groups=2` of `conv` does not divide the filters, 31"
    )


def test_what_is_said_of_values_per_axis():
    assert refusal(layer("conv", 32, (3, 3, 3)), "8x8x16").helps == ("give one number for all axes, or 2 of them",)
    assert refusal(layer("conv", 32, 3, stride=(1, 2)), "8x16").helps == ("give one number",)


def test_the_fixes_of_a_kernel_that_does_not_fit_are_edits_that_fit():
    text = "conv(16, 5, dilation=2)"
    source = Source("net.cnn", text)
    spans = {"filters": Span(source, 5, 7), "kernel": Span(source, 9, 10), "dilation": Span(source, 21, 22)}
    site = Site(Span(source, 0, len(text)), spans, Span(source, 22, 22), "28 -maxpool 4-> 7")
    made = layer("conv", 16, 5, dilation=2)
    found = refusal(made, "7x7x3", where=site)
    assert found.notes[-1] == "sizes that led here: 28 -maxpool 4-> 7"
    titles = [fix.title.rpartition(": ")[2] for fix in found.fixes]
    # the smallest of each first, then those that leave more for the layers behind it
    assert titles[:3] == ["pad=1", "dilation=1", "kernel=4"]
    assert set(titles[3:]) == {"pad=2", "pad=3", "pad=4", "kernel=3", "kernel=2", "kernel=1"}
    for fix in found.fixes:
        (edit,) = fix.edits
        written = text[: edit.span.start] + edit.text + text[edit.span.end :]
        names = dict(part.split("=") for part in written[5:-1].split(", ")[2:])
        kernel = int(written[5:-1].split(", ")[1])
        again = layer("conv", 16, kernel, **{name: int(value) for name, value in names.items()})
        assert gives(again, "7x7x3")


def test_it_lowers_to_one_convolution():
    made = layer("conv", 6, (3, 5), stride=2, pad="same", groups=2)
    (step,) = lower(chain("9x9x4", made)).steps
    assert step.primitive == Convolve("conv1.weight", "conv1.bias", (2, 2), ((1, 1), (2, 2)), (1, 1), 2)
    assert step.output.shape == (5, 5, 6)


def test_trails_and_diagrams():
    assert layer("conv", 6, 5).brief() == "conv 5"
    assert layer("conv", 6, 3, stride=2).brief() == "conv 3/2"
    assert kinds()["conv"].arguments["filters"].letter == "K"
