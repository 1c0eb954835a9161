"""What convolutions and pools are known for: equivariance, invariance, matrices."""

from __future__ import annotations

import numpy as np
import pytest

from tests.layers.build import layer, volume
from tests.layers.images import random_image

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


@pytest.mark.parametrize(
    "options, size",
    [
        ({}, (7, 7)),
        ({"stride": 2}, (7, 9)),
        ({"stride": 2, "pad": ((1, 0), (0, 2))}, (8, 7)),
        ({"dilation": 2, "pad": (1, 2)}, (7, 8)),
        ({"stride": 2, "pad": "same"}, (8, 6)),
        ({"stride": (2, 1), "groups": 2}, (7, 7)),
    ],
    ids=str,
)
def test_a_deconvolution_is_that_matrix_transposed(run, options, size):
    """<conv(x), y> = <x, deconv(y)> for the same weights, each group's channels for its filters."""
    down, up = layer("conv", 4, 3, bias=False, **options), layer("deconv", 2, 3, bias=False, **options)
    x = random_image(*size, 2)
    groups = options.get("groups", 1)
    weight = random_image(*down.arrays(volume("x".join(map(str, x.shape))))[0].shape, seed=1)
    parts = np.split(weight, groups)  # (K/g, F, F, C/g) each
    turned = np.concatenate([part.transpose(3, 1, 2, 0) for part in parts])
    forward = run(x, down, arrays={"conv1.weight": weight})
    y = random_image(*forward.shape, seed=2)
    backward = run(y, up, arrays={"deconv1.weight": turned})
    assert backward.shape == x.shape
    assert np.sum(forward * y) == pytest.approx(np.sum(x * backward), rel=1e-4)
