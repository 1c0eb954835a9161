"""Layers on a few numbers, on both backends, against results made by hand."""

from __future__ import annotations

import numpy as np
import pytest

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
