"""Layers that only arrange values: flatten, reshape, permute, id; pad, crop, upsample, slice and the shuffles."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl import primitives
from cnndsl.layers.base import infer
from cnndsl.lower import lower
from cnndsl.program import Reshape
from cnndsl.volume import Volume
from tests.layers.build import chain, gives, layer, refusal, volume


def test_flatten():
    made = layer("flatten")
    assert [gives(made, size) for size in ("5x5x16", "128x9", "2x3x4x5", "7")] == ["400", "1152", "120", "7"]
    (step,) = lower(chain("5x5x16", made)).steps
    assert step.primitive == Reshape() and step.output.shape == (400,)
    assert lower(chain("7", made)).steps == ()


def test_flatten_needs_numbers_and_an_extent_that_can_be():
    assert refusal(layer("flatten"), "?x5x16").code == "E225"
    too_large = refusal(layer("flatten"), "65536x65536x1")
    assert too_large.code == "E403" and "4294967296" in too_large.title


def test_id_is_nothing():
    assert gives(layer("id"), "?x5x16") == "?x5x16"
    program = lower(chain("5x5x16", "id"))
    assert program.steps == () and program.outputs["output"] == program.inputs["input"]


def test_reshape_keeps_the_values_in_their_order(run):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.testing.assert_array_equal(run(x, layer("reshape", (4, 6))), np.arange(24).reshape(4, 6))
    assert gives(layer("reshape", (None, 6)), "2x3x4") == gives(layer("reshape", (4, None)), "2x3x4") == "4x6"
    assert layer("reshape", (None, 6)).written() == "reshape(?x6)"
    assert lower(chain("4x6", layer("reshape", (4, 6)))).steps == ()


def test_what_reshape_offers_fits():
    found = refusal(layer("reshape", (4, 5, 2)), "4x4x8")
    assert found.helps == ("give it extents whose product is 128",)
    found = refusal(layer("reshape", (5, 4, 2)), "4x4x8")
    assert found.helps == ("`reshape(?x4x2)` would take all of them",)
    assert gives(layer("reshape", (None, 4, 2)), "4x4x8") == "16x4x2"


def test_permute_turns_axes(run):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for order in ((1, 0, 2), (2, 0, 1), (1, 2, 0)):
        y = run(x, layer("permute", order))
        np.testing.assert_array_equal(y, x.transpose(order))
        assert infer(layer("permute", order), volume("2x3x4")) == Volume(y.shape)
    assert gives(layer("permute", (1, 0, 2)), "?x3x4") == "3x?x4"


def test_pad_grows_and_crop_shrinks():
    assert gives(layer("pad", 3), "28x28x1") == "34x34x1"
    assert gives(layer("pad", ((1, 2), (0, 3))), "8x7x4") == "11x10x4"
    assert gives(layer("crop", (1, 2)), "8x7x4") == "6x3x4"
    assert gives(layer("crop", to=volume("6x3x9")), "8x7x4") == "6x3x4"
    assert gives(layer("crop", to=volume("?x3x9")), "8x7x4") == "?x3x4"
    assert gives(layer("crop", 1), "?x7x4") == "?x5x4"
    assert refusal(layer("pad", (1, 2, 3)), "8x8x1").code == "E302"
    (step,) = lower(chain("8x7x4", layer("crop", to=volume("5x5x1")))).steps
    assert step.primitive == primitives.Slice((1, 1, 0), (6, 6, 4))


@pytest.mark.parametrize("extent, cells, fits", [(3, 2, True), (3, 3, False), (1, 1, False), (1, 0, True)])
def test_reflect_needs_cells_to_mirror(extent, cells, fits):
    made = layer("pad", cells, "reflect")
    if fits:
        assert gives(made, f"{extent}x1") == f"{extent + 2 * cells}x1"
    else:
        assert refusal(made, f"{extent}x1").code == "E313"
    assert gives(layer("pad", cells, "edge"), f"{extent}x1") == f"{extent + 2 * cells}x1"


def test_upsample_multiplies_or_reaches():
    assert gives(layer("upsample", 2), "7x7x4") == "14x14x4"
    assert gives(layer("upsample", (2, 3)), "7x?x4") == "14x?x4"
    assert gives(layer("upsample", to=volume("15x14x9")), "7x7x4") == "15x14x4"
    assert layer("upsample", to=volume("15x14x9")).brief() == "upsample to 15x14"
    assert refusal(layer("upsample", to=volume("15x6x9")), "7x7x4").code == "E311"


def test_channels_for_cells_and_back():
    assert gives(layer("pixel_shuffle", 3), "8x8x18") == "24x24x2"
    assert gives(layer("pixel_shuffle", 2), "8x6") == "16x3"
    assert gives(layer("space_to_depth", 2), "26x26x64") == "13x13x256"
    assert gives(layer("space_to_depth", 2), "?x26x?") == "?x13x?"
    assert refusal(layer("pixel_shuffle", 2), "8x8x6").code == "E303"
    assert refusal(layer("space_to_depth", 2), "8x7x6").code == "E303"


def test_slices_and_shuffles():
    assert gives(layer("slice", 2, 5), "8x8x6") == "8x8x3"
    assert gives(layer("slice", 2, 5), "8x8x?") == "8x8x3"
    assert layer("slice", 2, 5).brief() == "slice 2..5"
    assert refusal(layer("slice", 2, 7), "8x8x6").code == refusal(layer("slice", 3, 3), "8x8x?").code == "E310"
    assert gives(layer("channel_shuffle", 3), "6") == "6"
    assert refusal(layer("channel_shuffle", 4), "6").code == "E303"
