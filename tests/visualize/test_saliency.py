"""Saliency on nets whose slopes are known; completeness; Grad-CAM by hand; occlusion."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.visualize import GradCAM, IntegratedGradients, SmoothGrad, occlusion, saliency
from tests.visualize.helpers import BACKENDS, made, noise

#: finds a plus sign: bright in its arms, dark in its corners
PLUS = np.array([[-1, 1, -1], [1, 1, 1], [-1, 1, -1]], np.float32)


def plus_detector(backend: str):
    """The score is how much the image looks like a plus anywhere: a maximum over all positions."""
    text = "net Plus { input 12x12x1 ; conv(1, 3) -> relu -> maxpool(10) -> flatten -> fc(1, bias=false) }"
    return made(text, backend, conv1_weight=PLUS[None, ..., None], conv1_bias=[-3.5], fc1_weight=[[1]])


def with_plus(row: int, column: int) -> np.ndarray:
    x = noise(12, 12, 1) * 0.3
    x[row : row + 3, column : column + 3, 0] = PLUS > 0
    return x


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("method", ["gradient", "smoothgrad", "integrated", "grad_cam"])
def test_a_detectors_saliency_is_where_the_pattern_is(backend: str, method: str) -> None:
    for place in ((2, 7), (6, 1)):
        found = saliency(plus_detector(backend), with_plus(*place), method)
        seen = np.abs(found.maps[0])
        inside = seen[place[0] : place[0] + 3, place[1] : place[1] + 3].sum()
        share = 0.9 if method != "grad_cam" else 0.6  # its map is coarser: a cell of the 10x10 map, resized
        assert inside > share * seen.sum(), method
        row, column = np.unravel_index(seen.argmax(), seen.shape)
        assert place[0] <= row < place[0] + 3 and place[1] <= column < place[1] + 3


def test_the_gradient_is_the_kernel_where_it_wins() -> None:
    found = saliency(plus_detector("numpy"), with_plus(4, 4), "gradient", 0)
    expected = np.zeros((12, 12))
    expected[4:7, 4:7] = PLUS
    np.testing.assert_allclose(found.shares[0, ..., 0], expected, atol=1e-5)
    np.testing.assert_allclose(found.maps[0], np.abs(expected), atol=1e-5)
    assert found.scores[0] == pytest.approx(1.5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_integrated_gradients_are_complete(backend: str) -> None:
    net = "net N { input 6x6x3 ; conv(5, 3) -> tanh -> avgpool(2) -> flatten -> fc(4) -> softmax }"
    model = cnndsl.loads(net).compile(backend=backend, seed=1)
    x = noise(3, 6, 6, 3)
    found = saliency(model, x, IntegratedGradients(steps=64, baseline=0.5))
    logits = model.features(x, at="fc1"), model.features(np.full_like(x, 0.5), at="fc1")
    classes = logits[0].argmax(axis=1)
    differences = (logits[0] - logits[1])[np.arange(3), classes]
    np.testing.assert_allclose(found.shares.reshape(3, -1).sum(axis=1), differences, rtol=1e-3, atol=1e-4)
    assert found.rest is not None and np.abs(found.rest).max() < 1e-3
    np.testing.assert_allclose(found.maps, found.shares.sum(axis=-1))


def test_integrated_gradients_of_a_linear_net_are_exact() -> None:
    weights = np.arange(8.0)[None] - 3
    model = made("net N { input 2x2x2 ; flatten -> fc(1) }", fc1_weight=weights, fc1_bias=[9])
    x = noise(1, 2, 2, 2)
    found = saliency(model, x, "integrated", 0, steps=1, baseline=0.25)
    np.testing.assert_allclose(found.shares.ravel(), weights[0] * (x.ravel() - 0.25), rtol=1e-5)


def test_smoothgrad_is_the_mean_slope_under_noise() -> None:
    """S = sum of x^2 has the slope 2 x, and so has its mean under noise of mean 0; without noise it is the gradient."""
    model = made("net N { input 3x3x1 ; mul { id | id } ; flatten -> fc(1, bias=false) }", fc1_weight=np.ones((1, 9)))
    x = noise(1, 3, 3, 1)
    found = saliency(model, x, SmoothGrad(samples=400, deviation=0.2), 0)
    np.testing.assert_allclose(found.shares, 2 * x, atol=0.06)
    np.testing.assert_allclose(saliency(model, x, "smoothgrad", 0, deviation=0, samples=1).shares, 2 * x, rtol=1e-5)
    again = saliency(model, x, SmoothGrad(samples=400, deviation=0.2), 0)
    np.testing.assert_array_equal(found.shares, again.shares)


@pytest.mark.parametrize("backend", BACKENDS)
def test_grad_cam_by_hand(backend: str) -> None:
    """Maps A1 = x, A2 = -x on 2x2; y = w1 . A1 + w2 . A2 with means a1 = 1 and a2 = -1/2: relu(x + x / 2)."""
    text = "net N { input 2x2x1 ; conv(2, 1, bias=false) ; flatten -> fc(1, bias=false) }"
    weights = np.stack([[4, 0, 0, 0], [-2, 0, 0, 0]], axis=1).reshape(1, 8)
    model = made(text, backend, conv1_weight=[[[[1]]], [[[-1]]]], fc1_weight=weights)
    x = np.array([[[[1], [-2]], [[3], [0]]]], np.float32)
    found = saliency(model, x, GradCAM(at="conv1"), 0)
    np.testing.assert_allclose(found.maps[0], [[1.5, 0], [4.5, 0]], rtol=1e-6)


def test_grad_cam_takes_the_last_maps_that_are_no_pool() -> None:
    text = "net N { input 12x12x1 ; conv(2, 3) -> relu -> conv(2, 3) -> relu -> maxpool(2) -> flatten -> fc(2) }"
    graph = cnndsl.loads(text).graph
    assert GradCAM().layer(graph, "fc1") == "relu2" and GradCAM().layer(graph, "relu1") == "relu1"
    small = cnndsl.loads("net N { input 4x4x1 ; conv(2, 4) -> fc(2) }").graph
    with pytest.raises(cnndsl.CnnError, match="E577"):
        GradCAM().layer(small, "fc1")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_likeliest_class_unless_one_is_named(backend: str) -> None:
    model = made(
        "net N { input 1x2x1 ; flatten -> fc(2, bias=false) -> softmax }",
        backend,
        loss="cross_entropy",
        fc1_weight=[[3, 1], [1, 2]],
    )
    model.class_names = ("left", "right")
    x = np.array([[[[1], [0]]], [[[0], [1]]]], np.float32)
    assert [str(unit) for unit in saliency(model, x).units] == ["softmax1:0", "softmax1:1"]
    np.testing.assert_allclose(saliency(model, x).maps, [[[3, 1]], [[1, 2]]])
    for target in ("right", 1, "1", "fc1:1", "softmax1:1"):
        np.testing.assert_allclose(saliency(model, x, target=target).maps, [[[1, 2]]] * 2)


def test_occlusion_is_what_the_squares_take_away() -> None:
    """S = 2 x[1, 1] + x[3, 4]: squares of one pixel show just these; larger ones spread them."""
    weights = np.zeros((1, 5, 6, 1))
    weights[0, 1, 1], weights[0, 3, 4] = 2, 1
    model = made("net N { input 5x6x1 ; flatten -> fc(1, bias=false) }", fc1_weight=weights.reshape(1, -1))
    x = np.full((1, 5, 6, 1), 0.5, np.float32)
    found = occlusion(model, x, 0, size=1, stride=1, fill=0)
    np.testing.assert_allclose(found.drops[0], weights[0, ..., 0] / 2)
    np.testing.assert_allclose(found.maps[0], weights[0, ..., 0] / 2)
    found = occlusion(model, x, 0, size=2, stride=2, fill=0)
    assert (found.tops, found.lefts) == ((0, 2, 3), (0, 2, 4))
    np.testing.assert_allclose(found.drops[0], [[1, 0, 0], [0, 0, 0.5], [0, 0, 0.5]])
    assert found.maps[0, 3, 4] == 0.5 and found.maps[0, 0, 0] == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_occlusion_finds_the_pattern(backend: str) -> None:
    found = occlusion(plus_detector(backend), with_plus(6, 3), size=3, stride=1)
    row, column = np.unravel_index(found.drops[0].argmax(), found.drops[0].shape)
    assert abs(row - 6) <= 1 and abs(column - 3) <= 1 and found.drops[0].max() == pytest.approx(1.5, abs=1e-5)


def test_pictures_of_maps(tmp_path) -> None:
    model, x = plus_detector("numpy"), with_plus(2, 2)
    for method in ("gradient", "integrated", "grad_cam"):
        assert saliency(model, x, method).save(tmp_path / f"{method}.png").read_bytes()[:4] == b"\x89PNG"
    assert occlusion(model, x).save(tmp_path / "o.png").stat().st_size > 500
    assert saliency(model, x).png() == saliency(model, x).png()
