"""Cost: published totals, and counts while an extent is open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl.analysis.cost import cost
from tests.layers.build import Sketch, chain, layer

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    "example, params, macs",
    [
        ("lenet5", 61_706, 416_520),
        ("cifar10", 31_066, 362_496),
        ("alexnet", 60_965_224, 724_406_816),
        ("vgg16", 138_357_544, 15_470_264_320),
        ("resnet18", 11_689_512, 1_814_073_344),
        ("resnet50", 25_557_032, 4_089_184_256),
    ],
)
def test_published_totals(example, params, macs):
    found = cnndsl.load(EXAMPLES / f"{example}.cnn").cost()
    assert (found.params, found.macs) == (params, macs)


def test_googlenet_as_torchvision_counts_it():
    found = cnndsl.load(EXAMPLES / "googlenet.cnn").cost()
    assert found.params == 6_624_904 and round(found.macs / 1e6) == 1498


def test_the_demo_net():
    text = """
        block pair() { conv(10, 3, pad=1) -> relu -> conv(10, 3, pad=1) -> relu -> maxpool(2) }
        net Demo { input 32x32x3 ; { pair } * 3 ; fc(10) }
    """
    assert cnndsl.loads(text).cost().params == 6_440


def test_every_layer_has_its_counts_and_the_totals_are_their_sums():
    found = cost(chain("28x28x1", layer("conv", 6, 5), "batchnorm", "relu", layer("fc", 10)))
    rows = [(row.path, str(row.output), row.params, row.statistics, row.macs) for row in found.layers]
    assert rows == [
        ("input", "28x28x1", 0, 0, 0),
        ("conv1", "24x24x6", 156, 0, 150 * 576),
        ("batchnorm1", "24x24x6", 12, 12, 0),
        ("relu1", "24x24x6", 0, 0, 0),
        ("fc1", "10", 34_570, 0, 34_560),
    ]
    assert (found.params, found.statistics, found.constants, found.macs) == (34_738, 12, 0, 120_960)
    assert found.layers[-1].remark == "flattens 24x24x6"


def test_counts_that_depend_on_an_open_extent_stay_open():
    found = cost(chain("?x?x3", layer("conv", 8, 3), "relu", "global_avgpool", layer("fc", 10)))
    assert [row.params for row in found.layers] == [0, 224, 0, 0, 90]
    assert [row.macs for row in found.layers] == [0, None, 0, 0, 80]
    assert (found.params, found.macs) == (314, None)
    channels = cost(chain("8x8x?", layer("conv", 8, 3)))
    assert (channels.params, channels.macs) == (None, None)


def test_frozen_layers_count_shared_ones_once():
    sketch = Sketch()
    image = sketch.input("8x8x3")
    sketch.add(layer("conv", 3, 3, pad=1), image, frozen=True)
    sketch.add(layer("conv", 3, 3, pad=1), owner="conv1")
    found = cost(sketch.graph())
    assert (found.params, found.frozen_params) == (84, 84)
    assert found.macs == 2 * 81 * 64
    assert found.layers[-1].owner == "conv1"


def test_a_layer_that_nothing_reads_counts():
    sketch = Sketch()
    image = sketch.input("8")
    kept = sketch.add(layer("fc", 4), image)
    sketch.add(layer("fc", 5), image)
    assert cost(sketch.graph(y=kept)).params == 36 + 45


def test_the_report_as_json():
    sketch = Sketch("Gate")
    image = sketch.input("?x8x3")
    sketch.add("mul", image, sketch.add("global_avgpool", image))
    found = cost(sketch.graph())
    assert json.loads(json.dumps(found.to_dict())) == {
        "schema": 1,
        "net": "Gate",
        "inputs": {"input": [None, 8, 3]},
        "outputs": {"output": [None, 8, 3]},
        "params": 0,
        "trained": 0,
        "frozen": 0,
        "statistics": 0,
        "constants": 0,
        "macs": 0,
        "activations": None,
        "layers": [
            {"path": "input", "kind": "input", "inputs": [], "output": [None, 8, 3], "params": 0, "macs": 0},
            {
                "path": "global_avgpool1", "kind": "global_avgpool", "inputs": ["input"], "output": [1, 1, 3],
                "params": 0, "macs": 0,
            },
            {
                "path": "mul1", "kind": "mul", "inputs": ["input", "global_avgpool1"], "output": [None, 8, 3],
                "params": 0, "macs": 0,
            },
        ],
    }  # fmt: skip
