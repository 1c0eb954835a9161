"""Totals as other tools count them, against what those tools said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl.analysis.conventions import OPERATIONS, VALUES, differences, named
from cnndsl.analysis.cost import cost
from cnndsl.cli import main
from tests.layers.build import chain, layer

ROOT = Path(__file__).parents[2]
ZOO = ROOT / "cnndsl" / "zoo"

#: what FlopCountAnalysis(model, x).total() of fvcore 0.1.5 and summary(model).total_mult_adds of torchinfo 1.8.0
#: gave for torchvision 0.28's models on 1x3x224x224
SAID = {
    "alexnet.cnn:AlexNetOneTower": (714_197_696, 714_682_664),
    "resnet.cnn:ResNet18": (1_819_065_856, 1_814_083_944),
    "resnet.cnn:ResNet50": (4_111_512_576, 4_089_238_376),
    "googlenet.cnn:GoogLeNet": (1_504_878_688, 1_498_391_752),
    "mobilenet.cnn:MobileNetV2": (314_193_216, 300_809_384),
    "squeezenet.cnn:SqueezeNet1_1": (349_320_936, 351_741_288),
    "efficientnet.cnn:EfficientNetB0": (401_659_392, 385_867_108),
}


@pytest.mark.parametrize("net", SAID)
def test_what_fvcore_and_torchinfo_said(net):
    loaded = cnndsl.load(ZOO / net)
    assert (loaded.cost(count="fvcore").operations, loaded.cost(count="torchinfo").operations) == SAID[net]


def test_resnet50_under_every_convention():
    """53 batchnorms give 11,113,984 values; timm's published 4.11 GMACs are with 2 for each."""
    net = cnndsl.load(ZOO / "resnet.cnn:ResNet50")
    said = {name: net.cost(count=name).operations for name in ("torchvision", "macs", "flops", "timm")}
    assert said == {
        "torchvision": 4_089_184_256,
        "macs": 4_089_184_256,
        "flops": 8_178_368_512,
        "timm": 4_089_184_256 + 2 * 11_113_984,
    }
    assert net.cost(params="keras").values == 25_557_032 + 53_120 == 25_610_152
    assert net.cost(params="keras").params == net.cost().values == 25_557_032


def test_mobilenet_as_keras_counts_it():
    """keras.applications prints 4,253,864."""
    assert cnndsl.load(ZOO / "mobilenet.cnn:MobileNetV1").cost(params="keras").values == 4_253_864


def test_activations_of_vgg16():
    """The input, 13 convolutions, 5 pools and 3 fully connected layers, added up by hand."""
    found = cnndsl.load(ROOT / "examples" / "vgg16.cnn").cost()
    side, values = 224, 224 * 224 * 3
    for filters, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        values += convolutions * side * side * filters
        side //= 2
        values += side * side * filters
    assert found.activations == values + 4096 + 4096 + 1000 == 15_237_608
    assert "15,237,608 values = 58.1 MiB as float32" in str(found)


def test_counts_of_single_layers_by_hand():
    def beside(tool, size, made):
        return cost(chain(size, made)).layers[1].beside(tool)

    plain = layer("batchnorm", affine=False)
    assert [beside("timm", "4x4x3", made) for made in ("batchnorm", plain)] == [96, 48]
    assert [beside("fvcore", "4x4x3", made) for made in ("batchnorm", plain, "layernorm")] == [96, 48, 240]
    assert beside("fvcore", "4x4x4", layer("groupnorm", 2, affine=False)) == 256
    ups = (layer("upsample", 2), layer("upsample", 2, "linear"), layer("adaptive_avgpool", 2), "global_maxpool")
    assert [beside("fvcore", "4x4x3", made) for made in ups] == [192, 768, 48, 0]
    assert [beside("fvcore", "4x3", made) for made in (*ups, "global_avgpool")] == [0, 0, 0, 0, 0]
    # 5*5 positions of 4*9*3 weights and 4 biases; transposed: 6*6 instead of 3*3 inputs
    assert beside("torchinfo", "5x5x3", layer("conv", 4, 3, pad=1)) == 25 * 4
    assert beside("torchinfo", "3x3x3", layer("deconv", 4, 2, stride=2)) == 36 * (48 + 4) - 9 * 48
    assert [beside("torchinfo", "8", made) for made in (layer("fc", 4), "batchnorm", "prelu")] == [4, 16, 8]


def test_differences_are_by_kind_and_add_up():
    found = cnndsl.load(ZOO / "resnet.cnn:ResNet18").cost()
    for convention in (*OPERATIONS.values(), *VALUES.values()):
        base = sum(map(convention.base, found.layers))
        more = sum(difference.more for difference in differences(found, convention))
        assert base + more == sum(map(convention.of, found.layers))
    (norms, pool) = differences(found, named("count", "fvcore"))
    assert (norms.kind, len(norms.layers), pool.kind, pool.layers) == (
        "batchnorm",
        20,
        "global_avgpool",
        ("global_avgpool1",),
    )


def test_open_counts_stay_open():
    found = cost(chain("?x?x3", layer("conv", 8, 3), "batchnorm", "global_avgpool", layer("fc", 10)), "timm", "keras")
    assert "counted above" in str(found) and "not counted above" not in str(found)
    assert found.operations is None and found.values == 224 + 32 + 90 and found.activations is None
    assert "\n             ? for 1 batchnorm\n" in str(found) and "activations  ? values (" in str(found)


def test_a_convention_that_there_is_not(capsys):
    net = cnndsl.loads("net A { input 8 ; fc(2) }")
    with pytest.raises(cnndsl.CnnError, match="E054") as refused:
        net.cost(count="tim")
    assert "did you mean `timm`?" in str(refused.value)
    with pytest.raises(cnndsl.CnnError, match="E054"):
        net.cost(params="torch")
    assert main(["summary", "a.cnn", "--count", "flop"]) == 2
    assert "did you mean `flops`?" in capsys.readouterr().err


def test_the_table_and_the_section_name_their_conventions(capsys):
    path = f"{ZOO / 'resnet.cnn'}:ResNet18"
    assert main(["summary", path, "--count", "flops", "--params", "keras", "--conventions", "--differences"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["path", "layer", "output", "params", "FLOPs"] in rows
    stem = next(row for row in rows if row[:1] == ["stem.batchnorm1"])
    assert stem[-1] == "256"  # 64 factors, offsets, means and variances
    assert ["parameters", "11,699,112"] in rows and ["+9,600", "for", "20", "batchnorm"] in rows
    assert ["FLOPs", "3,628,146,688", "for", "one", "example"] in rows
    assert ["timm", "1,819,040,768", "MACs", "+4,967,424", "for", "20", "batchnorm"] in rows
    assert ["counted", "more", "flops", "timm", "fvcore", "torchinfo", "keras"] in rows
    assert ["stem.batchnorm1", "+1,605,632", "+1,605,632", "+128", "+128"] in rows


def test_json_of_conventions(capsys):
    path = str(ROOT / "examples" / "resnet18.cnn")
    assert (
        main(["summary", path, "--json", "--count", "timm", "--params", "keras", "--conventions", "--differences"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["count"], found["operations"], found["macs"]) == ("timm", 1_819_040_768, 1_814_073_344)
    assert (found["held"], found["values"], found["params"]) == ("keras", 11_699_112, 11_689_512)
    assert found["conventions"]["fvcore"] == 1_819_065_856
    assert sum(found["differences"]["timm"].values()) == 4_967_424
    assert sum(layer["operations"] for layer in found["layers"]) == found["operations"]
    assert sum(layer["values"] for layer in found["layers"]) == found["values"]


@pytest.mark.parametrize("width", ["40", "80"])
def test_they_fit_the_terminal(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    assert main(["summary", str(ROOT / "examples" / "lenet5.cnn"), "--conventions", "--differences"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= int(width)
