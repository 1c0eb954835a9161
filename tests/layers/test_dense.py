"""fc."""

from __future__ import annotations

from math import prod

from cnndsl.lower import lower
from cnndsl.program import Dense, Reshape
from tests.layers.build import chain, gives, layer, refusal, volume


def counts(made, size):
    return {array.name: prod(array.shape) for array in made.arrays(volume(size))}


def test_every_unit_has_a_weight_for_every_value():
    assert counts(layer("fc", 1), "200x200x3") == {"weight": 120_000, "bias": 1}
    assert counts(layer("fc", 1, bias=False), "200x200x1") == {"weight": 40_000}
    assert layer("fc", 10).arrays(volume("5x5x16"))[0].shape == (10, 400)
    assert layer("fc", 10).macs(volume("5x5x16")) == 4_000


def test_it_flattens_what_it_is_given_and_says_so():
    made = layer("fc", 10)
    assert gives(made, "5x5x16") == gives(made, "400") == "10"
    assert made.remark(volume("5x5x16")) == "flattens 5x5x16"
    assert made.remark(volume("400")) == ""
    first, second = lower(chain("5x5x16", made)).steps
    assert isinstance(first.primitive, Reshape) and first.output.shape == (400,)
    assert second.primitive == Dense("fc1.weight", "fc1.bias")
    (only,) = lower(chain("400", layer("fc", 10, bias=False))).steps
    assert only.primitive == Dense("fc1.weight", None)


def test_an_open_extent_is_to_be_fixed():
    found = refusal(layer("fc", 10), "?x?x3")
    assert found.code == "E225" and "?x?x3" in found.title
    assert "fix the input's size" in found.helps[0]


def test_briefly():
    assert layer("fc", 120).brief() == "fc 120"
