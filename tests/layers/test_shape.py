"""Layers that only arrange values: flatten, id."""

from __future__ import annotations

from cnndsl.lower import lower
from cnndsl.program import Reshape
from tests.layers.build import chain, gives, layer, refusal


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
