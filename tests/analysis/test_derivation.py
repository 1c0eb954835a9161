"""`cnnc explain FILE PATH`: every line of a derivation holds, for every kind of layer."""

from __future__ import annotations

import json
import re
from math import ceil, floor, gcd
from pathlib import Path

import pytest

import cnndsl
from cnndsl.analysis.cost import cost
from cnndsl.analysis.derivation import derivation
from cnndsl.cli import main
from cnndsl.errors.base import Refused
from cnndsl.layers import kinds
from tests.layers.build import Sketch, chain, layer

ROOT = Path(__file__).parents[2]
ALEXNET = ROOT / "examples" / "alexnet.cnn"


def value(numbers):
    """What a line's numbers come to, as Python computes them."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", numbers).replace(" x ", " * ").replace("/", "//")
    if numbers.startswith(("floor", "ceil")):
        text = text.replace("//", "/")
    return eval(text, {"floor": floor, "ceil": ceil, "gcd": gcd})


def samples():
    """Every kind of layer in every way to call it, on every number of axes that it takes."""
    for kind, cls in kinds().items():
        for rank in cls.ranks:
            for number, call in enumerate(cls.sample_calls(rank)):
                yield pytest.param(cls, rank, call, id=f"{kind}-{rank}-{number}")


@pytest.mark.parametrize("cls, rank, call", list(samples()))
def test_every_line_of_every_kind_holds(cls, rank, call):
    sketch = Sketch()
    size = "x".join(map(str, cls.sample_input(rank).shape))
    image = sketch.input(size)
    made = cls(**{name: cls.arguments[name].kind.accept(given) for name, given in call.items()})
    try:
        sketch.add(made, *[image] * (2 if cls.joins else 1), path="it")
    except Refused:
        pytest.skip("the sample does not fit this number of axes")
    graph = sketch.graph()
    found, row = derivation(graph, "it"), cost(graph).layers[-1]
    for step in found.steps:
        if step.numbers and isinstance(step.result, int):
            assert value(step.numbers) == step.result, step
    results = {step.name: step.result for step in found.steps}
    assert found.equation and results["gives"] == f"{row.output.elements:,} values"
    for name, count in (("connections", row.connections), ("MACs", row.macs), ("fully connected", row.connected)):
        assert results.get(name) == (count or None), name
    assert results["parameters"] == (row.params or None)
    assert results.get("given numbers") == (row.constants or None)
    if row.unshared and "without sharing" in results:
        assert results["without sharing"] == row.unshared


def test_alexnet_conv1_as_a_lecture_has_it(capsys):
    assert main(["explain", str(ALEXNET), "conv1"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "conv1: conv(96, 11, stride=4)"
    for line in (
        "input 227x227x3 = 154,587 values",
        "height and width W2 = (W - F + 2P)/S + 1 = (227 - 11 + 2*0)/4 + 1 = 55",
        "gives 55x55x96 = 290,400 values",
        "weights F_h x F_w x C x K = 11 x 11 x 3 x 96 = 34,848",
        "biases K = 96",
        "without sharing H2 x W2 x K x (F_h x F_w x C + 1) = 55 x 55 x 96 x (11 x 11 x 3 + 1) = 105,705,600",
        "MACs weights x H2 x W2 = 34,848 x 55 x 55 = 105,415,200",
        "FLOPs 2 x MACs = 2 x 105,415,200 = 210,830,400",
    ):
        assert line in lines


def shown(graph, path):
    return [f"{step.name}: {step}" for step in derivation(graph, path).steps]


def test_the_chain_rule_of_the_receptive_field():
    """AlexNet's pool5 sees 195 cells, 32 apart; behind it a fully connected layer sees the whole image."""
    graph = cnndsl.load(ALEXNET).graph
    assert "receptive field: r + D(F - 1) j = 163 + 1*(3 - 1)*16 = 195" in shown(graph, "pool5")
    assert "jump: j S = 16 x 2 = 32" in shown(graph, "pool5")
    assert "receptive field: whole" in shown(graph, "fc1")
    uneven = chain("16x16x1", layer("conv", 1, (3, 5)), layer("conv", 1, 3, stride=2))
    assert "receptive field: 3x5" in shown(uneven, "conv1") and "receptive field: 5x7" in shown(uneven, "conv2")
    assert "jump: 2" in shown(uneven, "conv2")


def test_padded_zeros_are_told_apart():
    """A 3-wide kernel on 2 padded cells: of 2 positions x 3 weights one at each end reads a zero."""
    lines = shown(chain("2x1", layer("conv", 1, 3, pad=1, bias=False)), "conv1")
    assert "connections: one per weight and bias of every unit = 6" in lines
    assert "of them: those that read a padded zero = 2" in lines
    pooled = shown(chain("2x1", layer("maxpool", 3, stride=1, pad=1)), "maxpool1")
    assert "connections: M_l x C = 4 x 1 = 4" in pooled


def test_axes_with_numbers_of_their_own_have_lines_of_their_own():
    lines = shown(chain("9x8x3", layer("conv", 2, (3, 2), stride=(2, 3))), "conv1")
    assert "height: W2 = (W - F + 2P)/S + 1 = (9 - 3 + 2*0)/2 + 1 = 4" in lines
    assert "width: W2 = (W - F + 2P)/S + 1 = (8 - 2 + 2*0)/3 + 1 = 3" in lines


def test_what_is_shared_frozen_or_given():
    sketch = Sketch()
    image = sketch.input("8x8x3")
    sketch.add(layer("conv", 3, 3, pad=1), image, frozen=True, path="a")
    sketch.add(layer("conv", 3, 3, pad=1), owner="a", path="b")
    sketch.add(layer("conv", 1, 3, weights="laplacian"), path="c")
    graph = sketch.graph()
    assert "frozen: they are not trained" in shown(graph, "a")
    assert "parameters: none of its own: those of a" in shown(graph, "b")
    assert "given numbers: weight = 27" in shown(graph, "c")
    assert "parameters: none" in shown(chain("8", "relu"), "relu1")


def test_open_extents_leave_lines_open():
    lines = shown(chain("?x8x3", layer("conv", 8, 3)), "conv1")
    assert "height: W2 = (W - F + 2P)/S + 1 = ?" in lines
    assert "weights: F_h x F_w x C x K = 3 x 3 x 3 x 8 = 216" in lines
    assert any(line.startswith("MACs: ?") for line in lines)


def test_a_misspelt_path(capsys):
    for path, hint in (("conv11", "did you mean `conv1"), ("Conv_1", "did you mean `conv1`?"), ("", "25 layers")):
        assert main(["explain", str(ALEXNET), path]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"error[E063]: AlexNet2012 has no layer `{path}`") and hint in said
    resnet = str(ROOT / "examples" / "resnet18.cnn")
    assert main(["explain", resnet, "stem"]) == 2
    assert "`stem` holds 4 layers: stem.conv1" in capsys.readouterr().err
    assert main(["explain", resnet, "fc"]) == 2
    assert "did you mean `fc1`?" in capsys.readouterr().err
    assert main(["explain", resnet, "batchnorm3"]) == 2
    assert "did you mean `stage2.basic1.batchnorm3`?" in capsys.readouterr().err


def test_only_a_net_has_layers(capsys):
    for more in (["conv1"], ["--json"], ["--input", "8x8x3"]):
        assert main(["explain", "conv", *more]) == 2
        assert "cnnc explain FILE PATH" in capsys.readouterr().err


def test_from_python_and_as_json(capsys):
    net = cnndsl.load(ALEXNET)
    assert main(["explain", str(ALEXNET), "fc1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == net.explain("fc1").to_dict()
    weights = next(step for step in found["steps"] if step["name"] == "weights")
    assert weights == {
        "name": "weights", "letters": "inputs x units", "numbers": "9,216 x 4,096", "result": 37_748_736
    }  # fmt: skip
    assert "37,748,736" in net.explain("fc1")._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("width", ["40", "100"])
def test_all_layers_of_a_net_at_any_width(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    assert main(["explain", f"{ROOT / 'cnndsl' / 'zoo' / 'googlenet.cnn'}:GoogLeNet", "--input", "64x64x3"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= int(width)
    assert out.count("\nequation ") == len(cnndsl.load(ROOT / "cnndsl" / "zoo" / "googlenet.cnn:GoogLeNet").layers)
