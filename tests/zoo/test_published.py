"""The zoo meets the published numbers: parameters to the unit, multiply-accumulates to the digits printed."""

from __future__ import annotations

import json
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
    assert [str(volume) for volume in net.inputs.values()] == [known["input"]]
    assert net.params == known["params"]
    if "macs" in known:
        assert net.macs == known["macs"]
    if "gmacs" in known:
        assert net.macs is not None and round(net.macs / 1e9, 3) == known["gmacs"]
    if "statistics" in known:
        assert net.cost().statistics == known["statistics"]


@pytest.mark.parametrize("name", FILES)
def test_every_net_checks_clean_and_is_formatted(name: str) -> None:
    source = read_source(str(ZOO / name))
    checked = check(source)
    assert checked.nets and not checked.diagnostics
    assert formatted(source) == source.text


def test_the_1998_lenet_layer_by_layer() -> None:
    net = cnndsl.load(f"{ZOO / 'lenet.cnn'}:LeNet5_1998")
    params: dict[str, int] = {}
    for layer in net.cost().layers:
        part = layer.path.split(".")[0]
        params[part] = params.get(part, 0) + (layer.params or 0)
    assert {part: count for part, count in params.items() if count} == {
        "c1": 156,
        "s2": 12,
        "c3": 1516,
        "s4": 32,
        "c5": 48120,
        "f6": 10164,
    }


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
