"""Pools: sizes, refusals, and what they lower to."""

from __future__ import annotations

from math import inf

import pytest

from cnndsl.layers import kinds
from cnndsl.lower import lower
from cnndsl.primitives import AdaptivePool, Reduce
from cnndsl.program import AveragePool, GlobalAverage, MaxPool, Unary
from tests.layers.build import chain, gives, layer, refusal


@pytest.fixture(params=["maxpool", "avgpool", "minpool", "medianpool", "modepool"])
def pool(request):
    return lambda *arguments, **named: layer(request.param, *arguments, **named)


def test_the_stride_is_the_kernel_unless_given(pool):
    assert gives(pool(2), "224x224x64") == "112x112x64"
    assert gives(pool(2, 2), "224x224x64") == "112x112x64"
    assert gives(pool(3, stride=2), "55x55x96") == "27x27x96"
    assert gives(pool((1, 2)), "8x8x3") == "8x4x3"
    assert pool(2).brief() == pool(2, 2).brief() == f"{pool(2).kind} 2"
    assert pool(3, stride=2).brief() == f"{pool(2).kind} 3/2"


def test_ceil_reads_the_last_cells(pool):
    assert gives(pool(3, stride=2), "6x6x1") == "2x2x1"
    assert gives(pool(3, stride=2, ceil=True), "6x6x1") == "3x3x1"
    assert gives(pool(3, stride=2, ceil=True), "112x112x64") == "56x56x64"
    assert gives(pool(2, ceil=True), "1x1x4") == "1x1x4"


def test_one_two_and_three_axes_and_open_extents(pool):
    assert [gives(pool(2), size) for size in ("9x4", "9x9x4", "9x9x9x4", "?x9x4")] == [
        "4x4", "4x4x4", "4x4x4x4", "?x4x4",
    ]  # fmt: skip


def test_what_is_said_of_padding_as_wide_as_the_window(pool):
    found = refusal(pool(2, pad=2), "8x8x3")
    assert found.code == "E307" and found.helps == ("use `pad=1`",)
    stepping_over = refusal(pool(3, pad=2, dilation=2), "1x8x3")
    assert stepping_over.code == "E307" and stepping_over.helps == ("use `dilation=1`",)
    assert gives(pool(3, pad=2, dilation=1), "1x8x3")
    both = refusal(pool(2, pad=2, dilation=3), "1x8x3")
    assert both.helps == ("use less padding, and a dilation of 1",)


def test_what_is_said_of_one_pool_too_many(pool):
    assert refusal(pool(2), "1x1x16").code == "E301"
    assert refusal(pool(2), "16").code == "E304"


def test_maxpool_lowers_with_its_overhang_as_padding():
    (step,) = lower(chain("6x6x1", layer("maxpool", 3, stride=2, ceil=True))).steps
    assert step.primitive == MaxPool((3, 3), (2, 2), ((0, 1), (0, 1)), (1, 1))
    assert step.output.shape == (3, 3, 1)


def test_avgpool_counts_padding_only_if_told():
    (plain,) = lower(chain("6x6x1", layer("avgpool", 3, stride=2, pad=1, ceil=True))).steps
    assert plain.primitive == AveragePool((3, 3), (2, 2), ((1, 2), (1, 2)), (1, 1), ((0, 0), (0, 0)))
    (counted,) = lower(chain("6x6x1", layer("avgpool", 3, stride=2, pad=1, ceil=True, count_pad=True))).steps
    assert counted.primitive.counted == ((1, 1), (1, 1))


def test_global_avgpool_keeps_the_axes():
    made = layer("global_avgpool")
    assert [gives(made, size) for size in ("9x4", "7x7x512", "?x?x3", "2x3x4x5")] == [
        "1x4",
        "1x1x512",
        "1x1x3",
        "1x1x1x5",
    ]
    (step,) = lower(chain("7x7x512", made)).steps
    assert step.primitive == GlobalAverage() and step.output.shape == (1, 1, 512)
    assert refusal(made, "16").code == "E304"


def test_lppool_takes_its_power_first():
    assert kinds()["lppool"].signature() == "lppool(p, kernel, stride=kernel, pad=0, dilation=1, ceil=false)"
    made = layer("lppool", 2, 3)
    assert (made.p, made.kernel, made.brief()) == (2.0, 3, "l2pool 3")
    assert layer("lppool", p=2, kernel=3) == made


def test_lppool_counts_the_zeros_of_its_padding():
    steps = lower(chain("6x6x1", layer("lppool", 3, 3, stride=2, pad=1, ceil=True))).steps
    assert [step.primitive.function for step in steps if isinstance(step.primitive, Unary)] == [
        "abs", "power", "multiply", "power",
    ]  # fmt: skip
    (pool,) = (step.primitive for step in steps if isinstance(step.primitive, AveragePool))
    assert pool.pads == pool.counted == ((1, 2), (1, 2))


def test_a_minimum_is_a_maximum_turned_round():
    steps = lower(chain("6x6x1", layer("minpool", 2))).steps
    assert [step.primitive for step in steps] == [
        Unary("negative"), MaxPool((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1)), Unary("negative"),
    ]  # fmt: skip


def test_medians_and_modes_see_padding_as_infinity():
    for kind in ("medianpool", "modepool"):
        first, second = lower(chain("6x6x2", layer(kind, 3, stride=2, pad=1))).steps
        assert first.primitive.fill == inf and second.primitive == Reduce(kind.removesuffix("pool"), -2)
        assert (first.output.shape, second.output.shape) == ((3, 3, 9, 2), (3, 3, 2))


def test_global_maxpool_is_one_window():
    (step,) = lower(chain("7x5x3", "global_maxpool")).steps
    assert step.primitive == MaxPool((7, 5), (7, 5), ((0, 0), (0, 0)), (1, 1)) and step.output.shape == (1, 1, 3)


@pytest.mark.parametrize("kind, function", [("adaptive_avgpool", "average"), ("adaptive_maxpool", "max")])
def test_adaptive_pools_give_their_size(kind, function):
    assert [gives(layer(kind, 6), size) for size in ("13x13x8", "?x4x3", "9x2")] == ["6x6x8", "6x6x3", "6x2"]
    assert gives(layer(kind, (7, 5)), "13x13x8") == "7x5x8"
    assert refusal(layer(kind, (7, 5)), "9x2").code == "E302"
    (step,) = lower(chain("13x13x8", layer(kind, 6))).steps
    assert step.primitive == AdaptivePool(function)
