"""Worked examples of the textbooks, on both backends, and what convolutions and pools are known for."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from cnndsl.analysis.cost import cost
from cnndsl.backends import load
from cnndsl.lower import lower
from tests.backends.agreement import needed
from tests.elaborate.helpers import graph
from tests.layers.build import chain, gives, layer, volume

BACKENDS = [pytest.param("numpy"), pytest.param("mlx", marks=needed)]


@pytest.fixture(params=BACKENDS)
def run(request):
    """Runs layers one behind the other on one image, in inference mode; `arrays` replace the first ones by name."""

    def apply(x, *layers, arrays=None, seed=0, dtype="float32"):
        x = np.asarray(x, np.float32)
        size = "x".join(map(str, x.shape))
        engine = load(request.param).build(lower(chain(size, *layers)), seed=seed, dtype=dtype)
        engine.load({name: np.asarray(array, np.float32) for name, array in (arrays or {}).items()})
        (y,) = engine.predict({"input": x[None]}).values()
        return y[0]

    return apply


def rows(text: str) -> np.ndarray:
    """A matrix of digits, a group a row."""
    return np.array([[int(digit) for digit in row] for row in text.split()], np.float32)


def image(text: str) -> np.ndarray:
    return rows(text)[..., None]


# ---- worked examples -----------------------------------------------------------------------------

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


# ---- what convolutions are known for -------------------------------------------------------------


def random_image(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


STACK = (layer("conv", 4, 3), "relu", layer("maxpool", 2), layer("conv", 5, 3), "tanh")


@pytest.mark.parametrize("axis", [0, 1])
def test_shifting_the_input_by_a_jump_shifts_the_output_by_one(run, axis):
    x = random_image(24, 24, 3)
    y, shifted = run(x, *STACK), run(np.roll(x, 2, axis), *STACK)  # the jump of the stack is 2
    inner = slice(2, -2)
    np.testing.assert_allclose(np.roll(y, 1, axis)[inner, inner], shifted[inner, inner], atol=1e-5)


def test_it_does_not_turn_and_not_scale_with_its_input(run):
    x = random_image(24, 24, 3)
    y = run(x, *STACK)
    assert np.abs(np.rot90(y) - run(np.rot90(x), *STACK)).max() > 0.1
    larger = run(np.repeat(np.repeat(x, 2, 0), 2, 1), *STACK)
    assert np.abs(np.repeat(np.repeat(y, 2, 0), 2, 1) - larger[:18, :18]).max() > 0.1


@pytest.mark.parametrize("kind", ["maxpool", "minpool", "avgpool", "lppool"])
def test_a_pool_does_not_feel_a_shift_within_its_windows(run, kind):
    """A spot that moves inside a window moves no output; across its border it does."""
    pool = layer(kind, **({"p": 2} if kind == "lppool" else {}), kernel=4)
    spots = []
    for place in (1, 2, 5):
        x = np.zeros((8, 8, 1), np.float32)
        x[place, place] = -1 if kind == "minpool" else 1
        spots.append(run(x, pool))
    np.testing.assert_array_equal(spots[0], spots[1])
    assert not np.array_equal(spots[0], spots[2])


@pytest.mark.parametrize(
    "options", [{}, {"stride": 2}, {"pad": "same"}, {"pad": ((1, 0), (0, 2))}, {"stride": (2, 1), "pad": 1}], ids=str
)
def test_local_with_tied_filters_is_a_convolution(run, options):
    x = random_image(9, 8, 3)
    tied, free = layer("conv", 4, 3, **options), layer("local", 4, 3, **options)
    weight, bias = random_image(4, 3, 3, 3, seed=1), random_image(4, seed=2)
    y = run(x, tied, arrays={"conv1.weight": weight, "conv1.bias": bias})
    shapes = [array.shape for array in free.arrays(volume("9x8x3"))]
    arrays = {"local1.weight": np.broadcast_to(weight, shapes[0]), "local1.bias": np.broadcast_to(bias, shapes[1])}
    np.testing.assert_allclose(run(x, free, arrays=arrays), y, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"stride": 2, "pad": 1}, {"dilation": 2}, {"groups": 2}], ids=str)
def test_a_convolution_is_a_matrix_times_the_flattened_input(run, options):
    """Its columns are the outputs for the unit vectors; most entries are 0, and the others repeat."""
    made = layer("conv", 4, 3, bias=False, **options)
    x = random_image(6, 5, 2)
    weight = random_image(*made.arrays(volume("6x5x2"))[0].shape, seed=1)

    def apply(values):
        return run(values.reshape(6, 5, 2), made, arrays={"conv1.weight": weight}).ravel()

    dense = np.stack([apply(unit) for unit in np.eye(60, dtype=np.float32)], axis=1)
    np.testing.assert_allclose(dense @ x.ravel(), apply(x), atol=1e-5)
    assert set(np.unique(dense)) <= {*np.unique(weight), 0}
    bound = made.macs(volume("6x5x2"))  # one entry for each weight and position, but those on the padding
    assert np.count_nonzero(dense) == bound if not made.pad else np.count_nonzero(dense) < bound


def test_a_deconvolution_is_that_matrix_transposed(run):
    weight = random_image(4, 3, 3, 2, seed=1)
    turned = weight.transpose(3, 1, 2, 0)  # its filters are the convolution's channels
    down, up = layer("conv", 4, 3, stride=2, bias=False), layer("deconv", 2, 3, stride=2, bias=False)
    x, y = random_image(7, 7, 2), random_image(3, 3, 4, seed=2)
    forward = run(x, down, arrays={"conv1.weight": weight})
    backward = run(y, up, arrays={"deconv1.weight": turned})
    assert np.sum(forward * y) == pytest.approx(np.sum(x * backward), rel=1e-4)


def test_space_to_depth_undoes_pixel_shuffle(run):
    for size in ((6, 8), (4, 6, 8), (4, 2, 6, 8)):
        x = random_image(*size)
        np.testing.assert_array_equal(run(x, layer("pixel_shuffle", 2), layer("space_to_depth", 2)), x)


def test_pixel_shuffle_by_hand(run):
    x = np.arange(8, dtype=np.float32).reshape(1, 1, 8)  # two channels of 2x2 blocks, c the slowest
    np.testing.assert_array_equal(run(x, layer("pixel_shuffle", 2)), [[[0, 4], [1, 5]], [[2, 6], [3, 7]]])


def test_channel_shuffle_by_hand(run):
    x = np.arange(6, dtype=np.float32)
    np.testing.assert_array_equal(run(x, layer("channel_shuffle", 2)), [0, 3, 1, 4, 2, 5])
    np.testing.assert_array_equal(run(x, layer("maxout", 3)), [2, 5])
    np.testing.assert_array_equal(run(x, layer("slice", 2, 5)), [2, 3, 4])


def test_medians_and_modes_by_hand(run):
    x = image("1123 1153 9453 9443")
    np.testing.assert_array_equal(run(x, layer("medianpool", 2))[..., 0], [[1, 3], [6.5, 3.5]])
    np.testing.assert_array_equal(run(x, layer("modepool", 2))[..., 0], [[1, 3], [4, 3]])
    # padding is left out: the corner sees its four cells alone
    assert run(x, layer("medianpool", 3, stride=1, pad=1))[0, 0, 0] == 1
    assert run(x, layer("medianpool", 3, stride=1, pad=1))[0, -1, 0] == 3
    assert run(x, layer("modepool", 3, ceil=True))[-1, -1, 0] == 3


def test_a_median_is_not_moved_by_an_outlier(run):
    x = np.ones((5, 5, 1), np.float32)
    x[2, 2] = 1000
    assert run(x, layer("medianpool", 3, stride=1)).max() == 1
    assert run(x, layer("avgpool", 3, stride=1)).max() > 100


def test_power_pools_lie_between_sum_and_maximum(run):
    x = np.array([[3.0], [-4.0]], np.float32)
    assert run(x, layer("lppool", 1, 2)).item() == pytest.approx(7)
    assert run(x, layer("lppool", 2, 2)).item() == pytest.approx(5)
    assert run(x, layer("lppool", 16, 2)).item() == pytest.approx(4, rel=1e-2)


def test_normalize_uses_the_numbers_given(run):
    x = random_image(3, 3, 2)
    y = run(x, layer("normalize", mean=(0.5, -1.0), std=(2.0, 0.25)))
    np.testing.assert_allclose(y, (x - [0.5, -1.0]) / [2.0, 0.25], rtol=1e-5, atol=1e-6)


def test_rbf_is_one_at_its_prototype(run):
    given = ((1.0, 2.0, 3.0), (0.0, 0.0, 0.0))
    np.testing.assert_allclose(run([1, 2, 3], layer("rbf", 2, weights=given)), [0, 14], atol=1e-5)
    np.testing.assert_allclose(run([1, 2, 3], layer("rbf", 2, beta=0.1, weights=given)), [1, np.exp(-1.4)], rtol=1e-5)


def test_pad_by_hand(run):
    x = np.array([[1], [2], [3]], np.float32)

    def padded(*arguments):
        return run(x, layer("pad", *arguments))[:, 0].tolist()

    assert padded(1) == [0, 1, 2, 3, 0]
    assert padded((2, 1), -1) == [-1, -1, 1, 2, 3, -1]
    assert padded(2, "reflect") == [3, 2, 1, 2, 3, 2, 1]
    assert padded(2, "edge") == [1, 1, 1, 2, 3, 3, 3]


def test_upsample_by_hand(run):
    x = np.array([[0], [4]], np.float32)
    assert run(x, layer("upsample", 2))[:, 0].tolist() == [0, 0, 4, 4]
    assert run(x, layer("upsample", 2, "linear"))[:, 0].tolist() == [0, 1, 3, 4]


def test_crop_is_centred(run):
    x = np.arange(7, dtype=np.float32)[:, None]
    assert run(x, layer("crop", to=volume("4x1")))[:, 0].tolist() == [1, 2, 3, 4]
    assert run(x, layer("crop", (1, 2)))[:, 0].tolist() == [1, 2, 3, 4]
