"""Equivariance and invariance: exact where they hold by definition, counted by hand where they hold in part."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.visualize import equivariance, invariance, responses, score
from tests.visualize.helpers import BACKENDS, made, noise, sobel


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_convolution_moves_along_and_does_not_turn(backend: str) -> None:
    model, x = sobel(16, backend), noise(2, 16, 16, 1)
    for each in equivariance(model, x, "conv1", "shift", (1, 2, 5, -3)).compared:
        assert each.inner is not None and each.inner < 1e-6 < 0.1 < each.change
        assert each.whole > 0.01, "what came in on the other side makes a difference at the border"
    for each in equivariance(model, x, "conv1", "rotate", (90, 30)).compared:
        assert each.inner is not None and each.inner > 0.5
    for each in equivariance(model, x, "conv1", "zoom", (0.5, 2)).compared:
        assert each.inner is not None and each.inner > 0.3


def test_a_symmetric_kernel_turns_along_by_quarters() -> None:
    """Laplace's kernel is the same after a quarter turn, and so are its maps."""
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])[None, ..., None]
    model = made("net N { input 9x9x1 ; conv(1, 3, bias=false) }", conv1_weight=kernel)
    found = equivariance(model, noise(1, 9, 9, 1), "conv1", "rotate", (90, 180, -90, 45)).compared
    assert all(each.whole < 1e-5 for each in found[:3]) and found[3].whole > 0.05


def test_a_stride_moves_along_with_what_it_divides() -> None:
    model = cnndsl.loads("net N { input 17x17x1 ; conv(3, 3, stride=2) -> relu -> maxpool(2) }").compile(
        loss="mse", backend="numpy"
    )
    x = noise(2, 17, 17, 1)
    by_amount = {each.amount: each.inner for each in equivariance(model, x, "relu1", "shift", (1, 2, 3, 4)).compared}
    assert by_amount[1] is None and by_amount[3] is None
    assert by_amount[2] < 1e-6 and by_amount[4] < 1e-6
    deeper = {each.amount: each.inner for each in equivariance(model, x, "maxpool1", "shift", (2, 4)).compared}
    assert deeper[2] is None and deeper[4] < 1e-6


def test_what_pooling_does_not_see() -> None:
    """One bright pixel moved down and right by one: a 2x2 pool answers the same for the quarter of even places.

    Before the pool every image changes by sqrt(2) of its size; behind it the other three quarters do.
    """
    model = cnndsl.loads("net N { input 8x8x1 ; id ; maxpool(2) }").compile(backend="numpy", loss="mse")
    x = np.zeros((36, 8, 8, 1), np.float32)
    for number, image in enumerate(x):
        image[number // 6, number % 6] = 1
    found = invariance(model, x, "maxpool1", "shift", (1,))
    assert found.paths == ("id1", "maxpool1")
    np.testing.assert_allclose(found.changes[:, 0], [np.sqrt(2), np.sqrt(2 * 3 / 4)], rtol=1e-6)
    assert found.scores == (None, None)


def test_a_global_maximum_does_not_change_at_all() -> None:
    model = cnndsl.loads("net N { input 8x8x1 ; id ; global_maxpool }").compile(backend="numpy", loss="mse")
    assert invariance(model, noise(4, 8, 8, 1), ["global_maxpool1"], "shift", (1, 3)).changes[-1].tolist() == [0, 0]


def test_the_score_of_goodfellow_by_hand() -> None:
    """Of 100 images each unit fires for one, G = 0.01. The first still fires for all 4 transforms of it: L = 1, 100."""
    values = np.random.default_rng(0).uniform(0, 1, (100, 5))
    values[7] = 2
    changed = np.zeros((4, 100, 5))
    changed[:, 7, 0], changed[:2, 7, 1] = 3, 3
    assert score(values, changed) == pytest.approx(100), "of 5 units the best fifth is one"
    assert score(values[:, 1:2], changed[..., 1:2]) == pytest.approx(50)
    assert score(values[:, 2:3], changed[..., 2:3]) == 0


def bar(angle: float, size: int = 9) -> np.ndarray:
    """A bright bar through the middle."""
    down, right = np.mgrid[:size, :size] - (size - 1) / 2
    away = np.abs(np.cos(np.deg2rad(angle)) * down + np.sin(np.deg2rad(angle)) * right)
    return np.clip(1.5 - away, 0, 1).astype(np.float32) * (np.hypot(down, right) < size / 2)


DETECTORS = np.stack([bar(angle) - bar(angle).mean() for angle in (0, 45, 90, 135)])[..., None]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("many", [False, True])
def test_a_maximum_over_turned_detectors_is_invariant_though_none_of_them_is(many: bool, backend: str) -> None:
    branches = " | ".join(f"{name}: conv(1, 9, bias=false)" for name in "abcd")
    last = f"maximum {{ {branches} }}" if many else "conv(4, 9, bias=false) ; maxout(4)"
    arrays = (
        {f"{name}_weight": DETECTORS[n : n + 1] for n, name in enumerate("abcd")}
        if many
        else {"conv1_weight": DETECTORS}
    )
    model = made(f"net N {{ input 9x9x1 ; {last} }}", backend, **arrays)
    found = responses(model, bar(0)[..., None], "maximum1:0" if many else "maxout1:0", "rotate", range(0, 180, 15))
    assert [str(each) for each in found.detectors] == (
        ["a:0", "b:0", "c:0", "d:0"] if many else [f"conv1:{n}" for n in range(4)]
    )
    assert found.kept[0] > 0.6 and max(found.kept[1:]) < 0.1
    np.testing.assert_allclose(found.curves[0], found.curves[1:].max(axis=0), rtol=1e-6)
    assert found.curves[1:].argmax(axis=1).tolist() == [0, 3, 6, 9], "each answers most to its own angle"


def test_pictures_of_changes(tmp_path) -> None:
    model = made("net N { input 9x9x1 ; conv(4, 9, bias=false) ; maxout(4) }", conv1_weight=DETECTORS)
    x = bar(0)[..., None]
    assert responses(model, x, "maxout1:0").save(tmp_path / "r.png").stat().st_size > 500
    assert invariance(model, x, "maxout1", "rotate").save(tmp_path / "i.png").stat().st_size > 500
    assert equivariance(sobel(9), x, "conv1").save(tmp_path / "e.png").stat().st_size > 500
