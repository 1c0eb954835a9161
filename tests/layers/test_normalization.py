"""Normalizations: batchnorm, lrn."""

from __future__ import annotations

import pytest

from cnndsl.layers.arguments import BadValue
from cnndsl.lower import lower
from cnndsl.program import BatchNorm, LocalResponseNorm
from cnndsl.volume import StillOpen
from tests.layers.build import Sketch, chain, gives, layer, volume


def test_batchnorm_keeps_four_arrays_named_as_pytorchs():
    arrays = layer("batchnorm").arrays(volume("?x?x64"))
    assert [(array.name, array.shape, array.role, array.trained) for array in arrays] == [
        ("weight", (64,), "norm", True),
        ("bias", (64,), "bias", True),
        ("running_mean", (64,), "statistic", False),
        ("running_var", (64,), "statistic", False),
    ]
    assert [array.start.amount for array in arrays] == [1.0, 0.0, 0.0, 1.0]
    plain = layer("batchnorm", affine=False)
    assert [array.name for array in plain.arrays(volume("8x8x3"))] == ["running_mean", "running_var"]
    with pytest.raises(StillOpen):
        plain.arrays(volume("8x8x?"))


def test_batchnorm_lowers_with_the_names_of_its_arrays():
    names = ("batchnorm1.weight", "batchnorm1.bias", "batchnorm1.running_mean", "batchnorm1.running_var")
    (step,) = lower(chain("8x8x3", layer("batchnorm", momentum=0.01, eps=1e-3))).steps
    assert step.primitive == BatchNorm(*names, 0.01, 1e-3)
    (plain,) = lower(chain("8x8x3", layer("batchnorm", affine=False))).steps
    assert (plain.primitive.factor, plain.primitive.offset) == (None, None)


def test_a_frozen_batchnorm_keeps_its_statistics():
    sketch = Sketch()
    sketch.input("8x8x3")
    sketch.add("batchnorm", frozen=True)
    program = lower(sketch.graph())
    assert program.steps[0].primitive.frozen
    assert not any(parameter.trained for parameter in program.parameters)


def test_lrn_has_the_papers_numbers():
    (step,) = lower(chain("55x55x96", layer("lrn"))).steps
    assert step.primitive == LocalResponseNorm(5, 1e-4, 0.75, 2.0)
    assert gives(layer("lrn", 5), "?x?x96") == "?x?x96"
    with pytest.raises(BadValue):
        layer("lrn", k=0)
