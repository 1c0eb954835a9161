"""Which normalizations are folded into which maps."""

from __future__ import annotations

import pytest

import cnndsl
from cnndsl.folding import folded
from cnndsl.program import BatchNorm, Program
from tests.backends.build import Build


def left(program: Program) -> int:
    """How many normalizations are steps of their own in inference."""
    return sum(isinstance(step.primitive, BatchNorm) for step in folded(program)[0].steps)


def of(text: str) -> Program:
    return cnndsl.loads(text).program()


@pytest.mark.parametrize(("net", "count"), [("resnet.cnn:ResNet18", 20), ("mobilenet.cnn:MobileNetV2", 52)])
def test_every_norm_of_a_published_net_that_has_one_behind_each_convolution(net, count):
    program = cnndsl.load(f"{next(iter(cnndsl.__path__))}/zoo/{net}").program()
    assert (len(folded(program)[1]), left(program)) == (count, 0)


def test_maps_of_all_kinds_and_what_stands_between():
    behind = "input 8x8x4\n {} -> batchnorm"
    for layer in ("conv(6, 3)", "conv(6, 3, bias=false)", "conv(4, 3, groups=4)", "deconv(3, 2, stride=2)", "fc(5)"):
        assert left(of(f"net A {{ {behind.format(layer)} }}")) == 0
    for layers in ("conv(6, 3) -> relu", "maxpool(2)", "conv(6, 3) -> maxpool(2)", "local(3, 3)"):
        assert left(of(f"net A {{ {behind.format(layers)} }}")) == 1


def test_what_something_else_reads_stays():
    assert left(of("net A { input 8x8x4\n conv(4, 1) -> add { batchnorm | id } }")) == 1
    assert left(of("net A { input 8x8x4\n c: conv(4, 1)\n n: batchnorm\n output n\n output c }")) == 1
    net = Build()
    x = net.conv(net.input(4, 4, 2), 2, 1)
    net.squared_error(x)
    net.output(net.batchnorm(x))
    assert left(net.program()) == 1


def test_each_use_of_shared_layers_by_itself_and_equal_ones_once():
    net = Build()
    x = net.input(4, 4, 2)
    for norm in "aab":
        x = net.relu(net.batchnorm(net.conv(x, 2, 1, name="shared"), name=norm))
    program, folds = folded(net.program())
    assert [fold.norm.mean for fold in folds] == ["a.mean", "b.mean"]
    assert len({name for fold in folds for name in (fold.weight, fold.bias)}) == 4
    assert [step.primitive.weight for step in program.steps[::2]] == [folds[0].weight, folds[0].weight, folds[1].weight]
