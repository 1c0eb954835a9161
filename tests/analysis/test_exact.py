"""Exact divisions: what `--strict` reports."""

from __future__ import annotations

from cnndsl.analysis.exact import inexact
from tests.layers.build import chain, layer


def told(*chained):
    return [problem.diagnostic() for problem in inexact(chain(*chained))]


def test_an_even_net_is_told_nothing():
    assert told("28x28x1", layer("conv", 6, 5, pad=2), layer("maxpool", 2), layer("conv", 16, 5), "relu") == []
    assert told("227x227x3", layer("conv", 96, 11, stride=4), layer("maxpool", 3, stride=2)) == []


def test_squeezenet_loses_a_row():
    (found,) = told("224x224x3", layer("conv", 96, 7, stride=2))
    assert found.code == "E308"
    assert found.title == "the windows of `conv` do not come out even with height"
    assert found.notes == (
        "height: W2 = floor((W - F + 2P)/S) + 1 = floor((224 - 7 + 2*0)/2) + 1 = 109",
        "the last cell of height of the input 224x224x3 is never read",
    )
    assert found.helps == ("exact with `stride=1`, or height 223 or 225",)


def test_resnets_first_layer_leaves_only_padding_unread():
    (found,) = told("224x224x3", layer("conv", 64, 7, stride=2, pad=3))
    assert not any("never read" in note for note in found.notes)


def test_axes_that_differ_are_told_one_by_one():
    found = told("8x9x3", layer("maxpool", 3, stride=4))
    assert [problem.title.split()[-1] for problem in found] == ["height", "width"]
    assert found[0].notes[1] == "the last cell of height of the input 8x9x3 is never read"
    assert found[1].notes[1] == "the last 2 cells of width of the input 8x9x3 are never read"


def test_padding_that_makes_it_exact_is_offered_first():
    (found,) = told("10x10x3", layer("conv", 4, 3, stride=3))
    assert found.helps == ("exact with `pad=1`, or `stride=1`, or height 9 or 12",)


def test_the_sizes_that_led_there_are_shown():
    (found,) = told("28x28x1", layer("conv", 6, 4), layer("maxpool", 2))
    assert found.notes[-1] == "sizes that led here: 28 -conv 4-> 25"


def test_ceil_and_open_extents_are_left_alone():
    assert told("7x7x3", layer("maxpool", 2, ceil=True)) == []
    assert told("?x?x3", layer("maxpool", 2)) == []
