"""Activations: relu, sigmoid, tanh, softmax."""

from __future__ import annotations

import pytest

from cnndsl.lower import lower
from cnndsl.program import Softmax, Unary
from tests.layers.build import chain, gives, layer, volume

SIZES = ["10", "9x4", "7x7x5", "2x3x4x5", "?x?x3"]


@pytest.mark.parametrize("kind", ["relu", "sigmoid", "tanh"])
def test_a_function_of_each_value(kind):
    made = layer(kind)
    assert [gives(made, size) for size in SIZES] == SIZES
    assert made.arrays(volume("7x7x5")) == () and made.macs(volume("7x7x5")) == 0
    (step,) = lower(chain("7x7x5", made)).steps
    assert step.primitive == Unary(kind) and step.output.shape == (7, 7, 5)


def test_softmax():
    made = layer("softmax")
    assert [gives(made, size) for size in SIZES] == SIZES
    (step,) = lower(chain("7x7x5", made)).steps
    assert step.primitive == Softmax()


@pytest.mark.parametrize("kind, rectifies", [("relu", True), ("sigmoid", False), ("tanh", False), ("softmax", False)])
def test_he_is_for_what_rectifies(kind, rectifies):
    assert layer(kind).rectifies is rectifies
