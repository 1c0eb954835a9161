"""Filters and activations: every pixel is known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cnndsl.visualize import activations, filters
from tests.visualize.helpers import made


def opened(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_first_filters_are_colour_images(tmp_path) -> None:
    weights = np.zeros((2, 2, 2, 3))
    weights[0, 0, 0], weights[1, 1, 0] = (0.5, 0, -0.5), (-0.25, 0.25, 0)
    found = filters(made("net N { input 4x4x3 ; conv(2, 2, bias=false) }", conv1_weight=weights), "conv1")
    assert found.coloured and found.most == 0.5
    assert found.pixels[0, 0, 0].tolist() == [255, 128, 1] and found.pixels[1, 1, 0].tolist() == [64, 192, 128]
    found.save(tmp_path / "f.png")
    shown = opened(tmp_path / "f.png")
    # two tiles of 2x2 enlarged 24 times, 4 pixels around each
    assert shown.shape == (4 + 48 + 4, 4 + 2 * (48 + 4), 3)
    assert shown[4, 4].tolist() == shown[27, 27].tolist() == [255, 128, 1] and shown[28, 28].tolist() == [128] * 3
    assert shown[4 + 24, 4 + 52].tolist() == [64, 192, 128] and shown[0, 0].tolist() == [255] * 3


def test_deeper_filters_are_rows_of_grey_tiles(tmp_path) -> None:
    weights = np.zeros((3, 1, 1, 2))
    weights[:, 0, 0, 0], weights[:, 0, 0, 1] = (1, -1, 0.5), (0, 0.25, -0.5)
    found = filters(made("net N { input 4x4x2 ; conv(3, 1, bias=false) }", conv1_weight=weights), "conv1")
    assert not found.coloured
    assert found.pixels[..., 0, 0, :].tolist() == [[255, 128], [1, 160], [192, 64]]
    found.save(tmp_path / "f.png")
    shown, step = opened(tmp_path / "f.png"), 32 + 4
    tiles = [[shown[10 + step * row, 10 + step * column].tolist() for column in (0, 1)] for row in (0, 1, 2)]
    assert tiles == [[[255] * 3, [128] * 3], [[1] * 3, [160] * 3], [[192] * 3, [64] * 3]]


def test_a_vectors_weights_are_shown_as_what_was_flattened() -> None:
    weights = np.arange(2 * 12).reshape(2, 12)
    text = "net N { input 2x3x2 ; id ; flatten ; fc(2, bias=false) ; fc(1, bias=false) }"
    model = made(text, fc1_weight=weights, fc2_weight=[[3, 4]])
    np.testing.assert_array_equal(filters(model, "fc1").weights, weights.reshape(2, 2, 3, 2))
    assert filters(model, "fc2").weights.shape == (1, 1, 2, 1)


def test_other_numbers_of_axes() -> None:
    series = made("net N { input 9x2 ; conv(3, 4, bias=false) }")
    assert filters(series, "conv1").weights.shape == (3, 1, 4, 2)
    clip = made("net N { input 4x5x5x2 ; conv(3, 2x3x3, bias=false) }")
    weights = clip.engine.arrays()["conv1.weight"]
    found = filters(clip, "conv1").weights
    assert found.shape == (3, 3, 3, 4)
    np.testing.assert_array_equal(found[..., 2:], weights[:, 1])


def test_shared_weights_are_the_owners() -> None:
    model = made(
        "net N { input 4x4x1 ; a: conv(1, 1, bias=false) ; conv(1, 1, bias=false, share=a) }", a_weight=[[[[5]]]]
    )
    assert filters(model, "conv2").weights.tolist() == [[[[5]]]]


def test_activations_are_what_the_layer_gives(tmp_path) -> None:
    model = made("net N { input 2x2x1 ; conv(2, 1, bias=false) }", conv1_weight=[[[[1]]], [[[-1]]]])
    found = activations(model, [[[0.0], [0.5]], [[1.0], [0.25]]], "conv1")
    assert found.values[0, ..., 0].tolist() == [[0, 0.5], [1, 0.25]] and found.values.shape == (1, 2, 2, 2)
    found.save(tmp_path / "a.png")
    shown = opened(tmp_path / "a.png")
    # image and two maps, 36 times as large; black is -1, white is 1, and heads of 15 pixels above
    tile, top = 72, 4 + 15
    assert shown[top, 4].tolist() == [0] * 3 and shown[top + tile - 1, 4].tolist() == [255] * 3
    first = 4 + tile + 4
    assert shown[top, first, 0] == 128 and shown[top + tile - 1, first, 0] == 255
    assert shown[top + tile - 1, first + tile + 4, 0] == 0
    assert str(found) == "conv1: 2x2x2 for 1 image, black is -1, white is 1"


@pytest.mark.parametrize(("path", "shape"), [("fc1", (3,)), ("input", (4, 4, 1))])
def test_activations_of_other_layers(path: str, shape: tuple[int, ...], tmp_path) -> None:
    model = made("net N { input 4x4x1 ; flatten -> fc(3) }")
    found = activations(model, np.zeros((2, 4, 4, 1)), path)
    assert found.values.shape == (2, *shape) and found.save(tmp_path / "a.png").exists()
