"""Pools: maxpool, avgpool, global_avgpool."""

from __future__ import annotations

import pytest

from cnndsl.lower import lower
from cnndsl.program import AveragePool, GlobalAverage, MaxPool
from tests.layers.build import chain, gives, layer, refusal


@pytest.fixture(params=["maxpool", "avgpool"])
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
