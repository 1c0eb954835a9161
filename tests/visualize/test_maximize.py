"""Inputs that are optimised, and the images of a data set that activate a unit most."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.data import load
from cnndsl.data.normalization import Normalization
from cnndsl.visualize import maximize, top
from cnndsl.visualize.smooth import blurred, variation_slope
from tests.visualize.helpers import BACKENDS, SOBEL, made, noise, sobel


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sobel_filters_maximal_input_is_an_edge(backend: str) -> None:
    found = maximize(sobel(3, backend), "conv1:0@0,0", jitter=0, blur=0, variation=0)
    np.testing.assert_array_equal(found.x[0, :, 0], 0)
    np.testing.assert_array_equal(found.x[0, :, 2], 1)
    assert found.values[0] == 4.0, "the largest that values from 0 to 1 can reach: 1 + 2 + 1"
    usual = maximize(sobel(3, backend), "conv1:0@0,0")
    assert (usual.x[0, :, 2] - usual.x[0, :, 0]).min() > 0.3, "also when it is moved, blurred and smoothed"


def test_edges_lie_where_the_unit_looks() -> None:
    found = maximize(sobel(9), "conv1:0@3,4", jitter=0, blur=0, variation=0, steps=60)
    patch = found.x[0, 3:6, 4:7, 0]
    assert (patch[:, 0] == 0).all() and (patch[:, 2] == 1).all()
    far = found.x[0, :, 0, 0]
    assert np.abs(far - 0.5).max() <= 0.1 + 1e-6, "what it does not see stays as it was"


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_optimised_input_beats_the_999th_of_1000_real_images(backend: str) -> None:
    net = cnndsl.loads("net N { input 28x28x1 ; conv(4, 5) -> relu -> maxpool(2) -> flatten -> fc(10) -> softmax }")
    model = net.compile(backend=backend, seed=0, rate=0.01)
    data = load("sample")
    model.fit(data.x[:400], data.y[:400], epochs=1, verbose=0)
    x = data.test_x[:1000]
    logits = model.features(x, at="fc1")
    found = maximize(model, "softmax1", steps=40)
    assert (found.values > np.percentile(logits, 99.9, axis=0)).all()
    assert (found.x >= 0).all() and (found.x <= 1).all()
    maps = model.features(x, at="conv1").mean(axis=(1, 2))
    assert (maximize(model, "conv1", steps=40).values > np.percentile(maps, 99.9, axis=0)).all()


def test_backends_climb_to_the_same_image() -> None:
    text = "net N { input 8x8x1 ; conv(2, 3) -> tanh -> flatten -> fc(3) -> softmax }"
    found = [maximize(cnndsl.loads(text).compile(backend=name, seed=2), 1, steps=12).x for name in BACKENDS]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=2e-3)


def test_a_unit_without_slope_is_looked_for_at_random() -> None:
    """relu(x - 0.9) has no slope at middle grey; steps at random reach the bright pixels that have one."""
    model = made("net N { input 1x1x1 ; conv(1, 1) -> relu }", conv1_weight=[[[[1]]]], conv1_bias=[-0.9])
    found = maximize(model, "relu1:0", jitter=0, blur=0, rate=0.2)
    assert found.start[0] == 0 and found.values[0] == pytest.approx(0.1)


def test_pixels_keep_to_what_the_training_made_of_them() -> None:
    net = cnndsl.loads("net N { input 3x3x2 ; conv(1, 3) }")
    model = net.compile(backend="numpy", loss="mse", normalization=Normalization(1 / 255, (0.5, 0.25), (0.5,)))
    found = maximize(model, "conv1:0", jitter=0, blur=0, variation=0)
    assert (found.x.min(), found.x.max()) == (-1.0, 1.5)


def test_blur_is_a_gaussian_and_keeps_what_is_flat() -> None:
    point = np.zeros((1, 21, 21, 1), np.float32)
    point[0, 10, 10] = 1
    spread = blurred(point, 1.5)[0, ..., 0]
    places = np.arange(-10, 11)
    assert spread.sum() == pytest.approx(1) and (spread.sum(axis=0) * places**2).sum() == pytest.approx(
        1.5**2, rel=0.05
    )
    np.testing.assert_allclose(blurred(np.ones((1, 5, 4, 2), np.float32), 2.0), 1, rtol=1e-6)


def test_the_slope_of_total_variation_is_that_of_differences() -> None:
    def variation(x: np.ndarray) -> float:
        down, right = np.zeros_like(x), np.zeros_like(x)
        down[:, :-1], right[:, :, :-1] = x[:, 1:] - x[:, :-1], x[:, :, 1:] - x[:, :, :-1]
        return float(np.sqrt(down**2 + right**2 + 0.3**2).sum())

    x = noise(1, 4, 5, 2).astype(np.float64)
    found = variation_slope(x, 0.3)
    for place in ((0, 0, 0, 0), (0, 2, 3, 1), (0, 3, 4, 0)):
        step = np.zeros_like(x)
        step[place] = 1e-5
        assert found[place] == pytest.approx((variation(x + step) - variation(x - step)) / 2e-5, rel=1e-5, abs=1e-8)


# ---- the most active images ----------------------------------------------------------------------


def images(count: int = 40) -> np.ndarray:
    """Grey images, each with an upright edge of a contrast of its own, somewhere."""
    x = np.full((count, 8, 8, 1), 0.5, np.float32)
    for number, image in enumerate(x):
        contrast = ((number * 7) % count + 1) / count
        row, column = number % 6, (number * 5) % 6
        image[row : row + 3, column] = 0.5 - contrast / 2
        image[row : row + 3, column + 2] = 0.5 + contrast / 2
    return x


@pytest.mark.parametrize("backend", BACKENDS)
def test_top_images_and_their_patches(backend: str) -> None:
    x = images()
    found = top(sobel(8, backend), x, "conv1:0", count=3, batch_size=7)
    numbers = [each.number for each in found.best[0]]
    assert numbers == [17, 34, 11], "those whose contrast is 40, 39 and 38 of 40"
    for each in found.best[0]:
        row, column = each.number % 6, (each.number * 5) % 6
        assert each.position == (row, column) and each.box == ((row, row + 2), (column, column + 2))
        np.testing.assert_array_equal(each.patch, x[each.number, row : row + 3, column : column + 3])
        assert each.value == pytest.approx(float((each.patch[..., 0] * SOBEL).sum()), rel=1e-5)
    assert found.examples == 40


def test_a_patch_beyond_the_border_is_filled_with_zeros() -> None:
    model = made("net N { input 4x4x1 ; conv(1, 3, pad=1, bias=false) }", conv1_weight=np.ones((1, 3, 3, 1)))
    x = np.zeros((2, 4, 4, 1), np.float32)
    x[1, 0, 0] = 1
    best = top(model, x, "conv1:0@0,0", count=1).best[0][0]
    assert (best.number, best.box) == (1, ((-1, 1), (-1, 1)))
    assert best.patch[..., 0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_of_equal_images_the_first_and_of_vectors_the_whole() -> None:
    model = made("net N { input 2x2x1 ; flatten -> fc(2, bias=false) }", fc1_weight=[[1, 1, 1, 1], [-1, -1, -1, -1]])
    x = np.stack([np.full((2, 2, 1), value, np.float32) for value in (0.2, 0.8, 0.8, 0.2)])
    found = top(model, x, "fc1", count=2, batch_size=1)
    assert [[each.number for each in best] for best in found.best] == [[1, 2], [0, 3]]
    assert found.best[0][0].patch.shape == (2, 2, 1) and [str(unit) for unit in found.units] == ["fc1:0", "fc1:1"]


def test_pictures_of_images(tmp_path) -> None:
    assert top(sobel(8), images(), "conv1").save(tmp_path / "t.png").stat().st_size > 200
    assert maximize(sobel(8), "conv1", steps=2).save(tmp_path / "m.png").stat().st_size > 200
