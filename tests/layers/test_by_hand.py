"""Layers on a few numbers, on both backends, against results made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.lower import lower
from cnndsl.train.optimizers import SGD
from tests.elaborate.helpers import body
from tests.layers.build import layer, volume
from tests.layers.images import image, random_image


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


def test_rbf_slides_like_a_convolution(run):
    x, prototypes = random_image(5, 6, 2), random_image(3, 8, seed=1)
    y = run(x, layer("rbf", 3, 2, stride=2, pad=1), arrays={"rbf1.weight": prototypes})
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    for row in range(3):
        for column in range(4):
            window = padded[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].ravel()
            distances = ((window - prototypes) ** 2).sum(axis=1)
            np.testing.assert_allclose(y[row, column], distances, rtol=1e-4)


@pytest.mark.parametrize("kind, function", [("adaptive_avgpool", np.mean), ("adaptive_maxpool", np.max)])
def test_adaptive_pools_divide_evenly(run, kind, function):
    x = random_image(7, 2)
    for count in (1, 3, 4, 7, 9):
        ends = [(i * 7 // count, -(-(i + 1) * 7 // count)) for i in range(count)]
        expected = [function(x[start:stop], axis=0) for start, stop in ends]
        np.testing.assert_allclose(run(x, layer(kind, count)), expected, rtol=1e-5, atol=1e-6)


def test_each_example_is_standardized_by_itself(run):
    x = random_image(4, 5, 6) * 3 + 2

    def standard(values, axes):
        return (values - values.mean(axes, keepdims=True)) / values.std(axes, keepdims=True)

    close = {"rtol": 1e-3, "atol": 1e-4}
    np.testing.assert_allclose(run(x, layer("layernorm")), standard(x, 2), **close)
    np.testing.assert_allclose(run(x, layer("instancenorm")), standard(x, (0, 1)), **close)
    grouped = standard(x.reshape(4, 5, 2, 3), (0, 1, 3)).reshape(x.shape)
    np.testing.assert_allclose(run(x, layer("groupnorm", 2)), grouped, **close)
    np.testing.assert_allclose(run(x, layer("groupnorm", 6)), run(x, layer("instancenorm")), **close)
    # a factor and an offset for each channel
    arrays = {"layernorm1.weight": np.arange(6), "layernorm1.bias": np.full(6, 7)}
    scaled = run(x, layer("layernorm"), arrays=arrays)
    np.testing.assert_allclose(scaled, standard(x, 2) * np.arange(6) + 7, **close)


def test_scale_starts_as_it_is_told(run):
    x = random_image(3, 3, 2)
    np.testing.assert_allclose(run(x, layer("scale")), x)
    arrays = {"scale1.weight": [2, 3], "scale1.bias": [1, -1]}
    np.testing.assert_allclose(run(x, layer("scale"), arrays=arrays), x * [2, 3] + [1, -1], rtol=1e-6)
    found = body("input 3x3x2 ; scale(init=1e-6, bias=false)")
    (parameter,) = lower(found).parameters
    assert (parameter.shape, parameter.start.recipe, parameter.start.amount) == ((2,), "constant", 1e-6)


def test_joins_by_hand(run):
    net = "input 2 ; a: id ; b: scale(init=3, bias=false) ; {kind} {{ a | b | a }}"
    for kind, expected in {"sub": [-3, 6], "maximum": [3, -2], "average": [5 / 3, -10 / 3]}.items():
        engine = load("numpy").build(lower(body(net.format(kind=kind))))
        y = engine.predict({"input": np.array([[1, -2]], np.float32)})["output"]
        np.testing.assert_allclose(y[0], expected, rtol=1e-6)


@pytest.mark.parametrize("kind, whole", [("dropout", 1), ("spatial_dropout", 25), ("drop_path", 25 * 8)])
def test_what_is_dropped_is_dropped_together(kind, whole):
    program = lower(body(f"input 5x5x8 ; {kind}(0.5)"), {"output": "mse"})
    engine = load("numpy").build(program, optimizer=SGD())
    x = np.ones((16, 5, 5, 8), np.float32)
    y = np.asarray(engine.step({"input": x}, {"output": x})[1]["output"])
    assert set(np.unique(y)) == {0, 2}
    together = {1: y.reshape(-1, 1), 25: np.moveaxis(y, -1, 1).reshape(-1, 25), 200: y.reshape(16, -1)}[whole]
    assert (together.min(axis=1) == together.max(axis=1)).all()
    assert 0.25 < (together[:, 0] == 0).mean() < 0.75
    if whole > 1:
        finer = y.reshape(-1) if whole == 25 else y.reshape(16 * 25, -1)[:, 0]
        assert len(np.unique(finer)) == 2


def test_noise_is_normal_and_only_there_while_training():
    program = lower(body("input 20x20x8 ; noise(0.5)"), {"output": "mse"})
    engine = load("numpy").build(program, optimizer=SGD())
    x = np.zeros((4, 20, 20, 8), np.float32)
    y = np.asarray(engine.step({"input": x}, {"output": x})[1]["output"])
    assert abs(y.mean()) < 0.02 and abs(y.std() - 0.5) < 0.02
    assert not engine.predict({"input": x})["output"].any()
    assert lower(body("input 4 ; noise(0)")).steps == ()
