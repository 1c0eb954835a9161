"""deconv and local: sizes and arrays against their formulas."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.layers.spread import Spread, spreads
from cnndsl.layers.window import Window
from cnndsl.lower import lower
from cnndsl.primitives import ConvolveTransposed, Patches, Positionwise
from tests.layers.build import chain, gives, layer, refusal, volume

small = st.integers(1, 5)


@given(st.integers(1, 12), small, small, small, st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_it_undoes_what_a_window_does_to_the_size(extent, kernel, stride, dilation, low, high, extra):
    """A convolution with the same arguments takes every size that it gives back to where it came from."""
    extra %= stride
    spread = Spread(extent, kernel, stride, low, high, dilation, extra)
    if spread.output >= 1:
        assert Window(spread.output, kernel, stride, low, high, dilation).output == extent


@given(st.integers(1, 12), small, small, small)
def test_same_padding_multiplies_by_the_stride(extent, kernel, stride, dilation):
    (spread,) = spreads("deconv", volume(f"{extent}x1"), kernel, stride, "same", 0, dilation)
    assert spread.output == extent * stride
    assert 0 <= spread.high - spread.low <= 1


@pytest.mark.parametrize(
    "arguments, size, expected",
    [
        ({"kernel": 2, "stride": 2}, "28x28x16", "56x56x8"),
        ({"kernel": 4, "stride": 2, "pad": 1}, "4x4x16", "8x8x8"),  # DCGAN's
        ({"kernel": 3, "stride": 2, "pad": 1}, "7x7x16", "13x13x8"),
        ({"kernel": 3, "stride": 2, "pad": 1, "output_pad": 1}, "7x7x16", "14x14x8"),
        ({"kernel": 3, "dilation": 2}, "7x7x16", "11x11x8"),
        ({"kernel": 3, "dilation": 2, "output_pad": 1}, "7x7x16", "12x12x8"),
        ({"kernel": (3, 5), "pad": ((1, 0), (2, 2))}, "7x7x16", "8x7x8"),
        ({"kernel": 4, "stride": 4}, "9x2", "36x8"),
        ({"kernel": 2, "stride": 2}, "?x5x3", "?x10x8"),
    ],
)
def test_sizes(arguments, size, expected):
    assert gives(layer("deconv", filters=8, **arguments), size) == expected


def test_arrays_and_cost_of_the_up_convolution_of_a_unet():
    made = layer("deconv", 512, 2, stride=2)
    weight, bias = made.arrays(volume("28x28x1024"))
    assert (weight.shape, bias.shape) == ((512, 2, 2, 1024), (512,))
    assert weight.start.fan_in == 1024, "every cell of the output is reached by one of the input"
    assert made.macs(volume("28x28x1024")) == prod(weight.shape) * 28 * 28


def test_it_lowers_to_one_step():
    (step,) = lower(chain("7x7x4", layer("deconv", 6, 3, stride=2, pad=((0, 1), (1, 0)), groups=2))).steps
    names = ("deconv1.weight", "deconv1.bias")
    assert step.primitive == ConvolveTransposed(*names, (2, 2), ((0, 1), (1, 0)), (1, 1), 2)
    assert step.output.shape == (14, 14, 6)


def test_what_is_said_of_padding_that_leaves_nothing():
    found = refusal(layer("deconv", 4, 3, pad=2), "1x1x8")
    assert found.code == "E312" and found.notes[0].endswith("= -1, which must be at least 1")
    assert refusal(layer("deconv", 4, 3, stride=2, output_pad=2), "7x7x8").code == "E313"


def test_local_has_a_filter_for_every_position():
    made = layer("local", 6, 5)
    weight, bias = made.arrays(volume("32x32x3"))
    assert (weight.shape, bias.shape) == ((28, 28, 6, 5, 5, 3), (28, 28, 6))
    # the textbooks' column "without sharing"
    assert prod(weight.shape) + prod(bias.shape) == 28 * 28 * 6 * (5 * 5 * 3 + 1)
    assert made.macs(volume("32x32x3")) == prod(weight.shape)
    assert refusal(made, "4x4x3").code == "E301"


def test_local_lowers_to_patches_and_a_product_at_each():
    first, second, third = lower(chain("6x6x2", layer("local", 4, 3, stride=2, pad=1))).steps
    assert first.primitive == Patches((3, 3), (2, 2), ((1, 1), (1, 1)), (1, 1))
    assert (first.output.shape, second.output.shape) == ((3, 3, 9, 2), (3, 3, 3, 3, 2))
    assert third.primitive == Positionwise("local1.weight", "local1.bias") and third.output.shape == (3, 3, 4)
