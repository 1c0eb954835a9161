"""What the core says that a gradient needs is what NumPy's rules do need."""

from __future__ import annotations

from importlib import import_module

import pytest

TABLE = import_module("cnndsl.backends.numpy.rules.base").TABLE


@pytest.mark.parametrize("primitive, function", TABLE, ids=lambda item: getattr(item, "__name__", item) or "-")
def test_a_rule_reads_and_overwrites_what_the_primitive_says(primitive, function):
    rule = TABLE[primitive, function]
    one = primitive(**{**dict.fromkeys(primitive.fields), **({"function": function} if function else {})})
    needs = one.needs()
    assert (needs.inputs, needs.output) == (rule.reads_inputs, rule.reads_output)
    assert (needs.place, needs.gradient_place) == (rule.places, rule.places_gradient)
    assert one.labels == rule.whole
