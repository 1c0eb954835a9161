"""The zoo meets the published numbers: parameters to the unit, multiply-accumulates to the digits printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import cnndsl
from cnndsl.files import read_source
from cnndsl.format import formatted
from cnndsl.pipeline import check

ZOO = Path(cnndsl.__file__).parent / "zoo"
PUBLISHED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "published.json").read_text())["nets"]
FILES = sorted(path.name for path in ZOO.glob("*.cnn"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers(name: str) -> None:
    known = PUBLISHED[name]
    net = cnndsl.load(f"{ZOO}/{name}")
    assert ", ".join(map(str, net.inputs.values())) == known["input"]
    assert net.params == known["params"]
    if "macs" in known:
        assert net.macs == known["macs"]
    if "gmacs" in known:
        assert net.macs is not None and round(net.macs / 1e9, 3) == known["gmacs"]
    for size, gmacs in known.get("gmacs_at", {}).items():
        macs = cnndsl.load(f"{ZOO}/{name}", input=size).macs
        assert macs is not None and round(macs / 1e9, 3) == gmacs
    if "statistics" in known:
        assert net.cost().statistics == known["statistics"]


def keras_adds(net: cnndsl.Net) -> dict[str, int]:
    """What Keras counts besides the parameters that are in a zoo's net, by the names of the data file."""
    convolutions = [node.layer for node in net.layers if node.layer.kind == "conv"]
    norms = [node.volume.channels for node in net.layers if node.layer.kind == "batchnorm"]
    return {
        "statistics": 2 * sum(norms),
        "biases": sum(layer.filters for layer in convolutions if layer.bias is False),
        "normalization": 3 + 3 + 1,
    }


@pytest.mark.parametrize("name", [name for name, known in PUBLISHED.items() if "keras" in known])
def test_keras_counts_the_same_but_for_what_it_counts_besides(name: str) -> None:
    known, net = PUBLISHED[name], cnndsl.load(f"{ZOO}/{name}")
    besides = keras_adds(net)
    assert net.params is not None
    assert net.params + sum(besides[what] for what in known.get("keras_adds", ())) == known["keras"]


def test_every_net_of_the_zoo_has_its_number_here() -> None:
    nets = {f"{name}:{net.name}" for name in FILES for net in check(read_source(str(ZOO / name))).nets}
    assert nets == PUBLISHED.keys()


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_from_which_paper_and_year_it_is(name: str) -> None:
    assert re.search(r"# [A-Z]\.(-[A-Z]\.)? \w+.*: .+, (19|20)\d\d\.", (ZOO / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_every_net_checks_clean_and_is_formatted(name: str) -> None:
    source = read_source(str(ZOO / name))
    checked = check(source)
    assert checked.nets and not checked.diagnostics
    assert formatted(source) == source.text


def test_the_1998_lenet_layer_by_layer() -> None:
    """The paper's counts of trainable parameters and connections, C1 to the output."""
    net = cnndsl.load(f"{ZOO / 'lenet.cnn'}:LeNet5_1998")
    table: dict[str, tuple[int, int]] = {}
    for layer in net.cost().layers:
        part = layer.path.split(".")[0]
        params, connections = table.get(part, (0, 0))
        table[part] = params + (layer.params or 0), connections + (layer.connections or 0)
    assert {part: counts for part, counts in table.items() if any(counts)} == {
        "c1": (156, 122_304),
        "s2": (12, 5_880),
        "c3": (1_516, 151_600),
        "s4": (32, 2_000),
        "c5": (48_120, 48_120),
        "f6": (10_164, 10_164),
        "rbf1": (0, 840),
    }
    assert (net.params, net.cost().connections) == (60_000, 340_908)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 5])
def test_a_unet_of_any_depth(depth: int) -> None:
    """Each stage down halves after two convolutions, each up doubles; the widths double with the depth."""
    net = cnndsl.loads(f'from "zoo/unet.cnn" import UNet\nnet N = UNet(base=4, depth={depth})', input="572x572x1")
    wide = [4 * 2**level for level in range(depth + 1)]
    double = sum(9 * i * o + o + 9 * o * o + o for i, o in zip([1, *wide], wide))
    up = sum(4 * (2 * k) * k + k + 9 * (2 * k) * k + k + 9 * k * k + k for k in wide[:-1])
    assert net.params == double + up + wide[0] + 1


def test_the_rows_of_googlenet_that_the_file_says_the_paper_has_wrong() -> None:
    layers = cnndsl.load(f"{ZOO / 'googlenet.cnn'}:GoogLeNetPaper").cost().layers
    rows = [f"{sum(x.macs for x in layers if x.path.startswith(f'inception{i}.')) / 1e6:.0f}" for i in range(1, 10)]
    assert rows == ["128", "304", "74", "88", "100", "119", "170", "51", "71"]
    first = next(layer for layer in layers if layer.kind == "conv")
    assert (first.params, first.macs) == (9_472, 118_013_952)


def test_the_zoo_is_imported_by_name() -> None:
    net = cnndsl.loads(
        'from "zoo/resnet.cnn" import bottleneck\nnet N { input 8x8x64 ; bottleneck(16) ; bottleneck(16) }'
    )
    assert str(net.outputs["output"]) == "8x8x64"


def test_one_net_is_stripped_of_its_head_and_reused() -> None:
    text = """
    from "zoo/vgg.cnn" import VGG16
    net Cars {
        input 224x224x3
        backbone: VGG16(until=pool5, freeze=true)
        global_avgpool -> fc(196) -> softmax
    }
    """
    net = cnndsl.loads(text)
    assert str(net.graph["global_avgpool1"].volume) == "1x1x512"
    assert net.params == 14_714_688 + 512 * 196 + 196
