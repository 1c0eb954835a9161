"""Regularizers: dropout."""

from __future__ import annotations

import pytest

from cnndsl.layers.arguments import BadValue
from cnndsl.lower import lower
from tests.layers.build import chain, gives, layer


def streams(graph):
    return {step.path: step.primitive.stream for step in lower(graph).steps if step.path.startswith("dropout")}


def test_dropout_has_a_rate_below_one():
    assert gives(layer("dropout"), "7x7x5") == "7x7x5"
    assert layer("dropout", 0.25).rate == 0.25
    for rate in (1, 1.5, -0.1):
        with pytest.raises(BadValue):
            layer("dropout", rate)


def test_a_rate_of_zero_is_nothing():
    assert lower(chain("10", layer("dropout", 0))).steps == ()


def test_each_dropout_has_a_stream_that_edits_elsewhere_leave_alone():
    before = streams(chain("10", "dropout", layer("fc", 5), "dropout"))
    after = streams(chain("10", layer("fc", 8), "relu", "dropout", "tanh", layer("fc", 5), "dropout"))
    assert before == after and len(set(before.values())) == 2
    assert all(0 <= stream < 2**32 for stream in before.values())
