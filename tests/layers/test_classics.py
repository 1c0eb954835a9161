"""Worked examples of the textbooks, on both backends."""

from __future__ import annotations

from math import prod

import numpy as np

from cnndsl.analysis.cost import cost
from cnndsl.backends import load
from cnndsl.lower import lower
from tests.elaborate.helpers import graph
from tests.layers.build import chain, gives, layer, volume
from tests.layers.images import image, rows

PADDED = (
    "0000000 0001020 0102010 0102200 0200200 0212200 0000000",
    "0000000 0212110 0212010 0021010 0122220 0012010 0000000",
    "0000000 0211200 0100100 0010000 0102100 0221110 0000000",
)
W0 = [
    [[-1, 0, 1], [0, 0, 1], [1, -1, 1]],
    [[-1, 0, 1], [1, -1, 1], [0, 1, 0]],
    [[-1, 1, 1], [1, 1, 0], [0, -1, 0]],
]
W1 = [
    [[0, 1, -1], [0, -1, 0], [0, -1, 1]],
    [[-1, 0, 0], [1, -1, 0], [1, -1, 0]],
    [[-1, 1, -1], [0, -1, -1], [1, 0, 0]],
]


def test_two_filters_with_stride_two(run):
    padded = np.stack([rows(text) for text in PADDED], axis=-1)
    weight = np.array([np.moveaxis(np.array(w, np.float32), 0, -1) for w in (W0, W1)])
    arrays = {"conv1.weight": weight, "conv1.bias": np.array([1, 0], np.float32)}
    expected = np.stack([[[2, 3, 3], [3, 7, 3], [8, 10, -3]], [[-8, -8, -3], [-3, 1, 0], [-3, -8, -5]]], axis=-1)
    y = run(padded[1:-1, 1:-1], layer("conv", 2, 3, stride=2, pad=1), arrays=arrays)
    np.testing.assert_array_equal(y, expected)
    # the same numbers as given weights, padded by hand
    given = tuple(tuple(tuple(tuple(map(float, c)) for c in b) for b in a) for a in weight)
    y = run(padded, layer("conv", 2, 3, stride=2, weights=given, bias=True), arrays={"conv1.bias": [1, 0]})
    np.testing.assert_array_equal(y, expected)


def test_one_channel_and_one_filter(run):
    x = image("11100 01110 00111 00110 01100")
    y = run(x, layer("conv", 1, 3, weights=((1, 0, 1), (0, 1, 0), (1, 0, 1))))
    np.testing.assert_array_equal(y[..., 0], rows("434 243 234"))


def test_three_channels_add_up_and_the_bias_once(run):
    x = np.array([[[308, -498, 164]]], np.float32)
    y = run(x, layer("conv", 1, 1, weights=((1,),), bias=1))
    assert y.item() == 308 - 498 + 164 + 1 == -25


def test_max_pools(run):
    x = image("33210 00131 31223 20022 20001")
    np.testing.assert_array_equal(run(x, layer("maxpool", 3, stride=1))[..., 0], rows("333 333 323"))
    np.testing.assert_array_equal(run(image("1124 5678 3210 1234"), layer("maxpool", 2))[..., 0], rows("68 34"))


def test_a_pool_of_three_by_two_on_six_cells(run):
    x = np.arange(6, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(run(x, layer("maxpool", 3, stride=2))[:, 0], [2, 4])
    np.testing.assert_array_equal(run(x, layer("maxpool", 3, stride=2, ceil=True))[:, 0], [2, 4, 5])
    np.testing.assert_array_equal(run(x, layer("avgpool", 3, stride=2, ceil=True))[:, 0], [1, 3, 4.5])


def test_sizes_of_the_textbooks():
    assert gives(layer("conv", 6, 5), "32x32x3") == "28x28x6"
    assert [gives(layer("conv", 1, 3, stride=s, pad=1), "5x1") for s in (1, 2)] == ["5x1", "3x1"]
    assert gives(layer("conv", 1, 3, pad=1), "7x7x1") == "7x7x1"
    assert gives(layer("maxpool", 2), "224x224x64") == "112x112x64"


def test_parameters_of_the_textbooks():
    def params(size, *layers):
        return cost(chain(size, *layers)).params

    assert params("200x200x3", layer("fc", 1, bias=False)) == 120_000
    assert params("200x200x1", layer("fc", 1, bias=False)) == 40_000
    assert prod(layer("local", 1, 4, bias=False).arrays(volume("200x200x1"))[0].shape[2:]) == 16
    assert params("32x32x3", layer("conv", 1, 5)) == 75 + 1
    cifar = chain("32x32x3", layer("conv", 12, 3, pad=1), "relu", layer("maxpool", 2), layer("fc", 10))
    assert (cost(cifar).params, cost(cifar).macs) == (31_066, 362_496)
    block = (layer("conv", 10, 3, pad=1), "relu", layer("conv", 10, 3, pad=1), "relu", layer("maxpool", 2))
    assert params("32x32x3", *block, *block, *block, layer("fc", 10)) == 6_440


LENET5 = """
let seen = [
    0..3, 1..4, 2..5, 3..6, [4, 5, 0], [5, 0, 1],
    0..4, 1..5, 2..6, [3, 4, 5, 0], [4, 5, 0, 1], [5, 0, 1, 2],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    0..6,
]
net LeNet5 {
    input 32x32x1
    C1: conv(6, 5) ; lecun_tanh
    avgpool(2)
    S2: scale ; lecun_tanh
    C3: conv(16, 5, connect=seen) ; lecun_tanh
    avgpool(2)
    S4: scale ; lecun_tanh
    C5: conv(120, 5) ; lecun_tanh
    F6: fc(84) ; lecun_tanh
    rbf(10, weights=PROTOTYPES)
}
"""


def test_lenet5_of_1998_from_layers():
    rng = np.random.default_rng(0)
    bits = [[int(bit) for bit in row] for row in rng.choice([-1, 1], (10, 84))]
    found = graph(LENET5.replace("PROTOTYPES", str(bits)))
    counted = cost(found)
    shown = {item.path: item.params for item in counted.layers if item.params}
    assert shown == {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}
    assert counted.params == 60_000 and counted.constants == 840 and str(found.nodes[-1].volume) == "10"
    y = load("numpy").build(lower(found)).predict({"input": rng.normal(size=(2, 32, 32, 1)).astype(np.float32)})
    assert (y["output"] > 0).all()  # squared distances
