"""Embeddings: principal components against numpy's own decompositions, t-SNE where scikit-learn is there."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.visualize import embedding, pca, tsne
from tests.visualize.helpers import made


def test_principal_components_are_those_of_the_covariance() -> None:
    values = np.random.default_rng(0).normal(size=(50, 6)) * [5, 3, 1, 1, 0.5, 0.1] + 7
    points, shares = pca(values)
    variances, directions = np.linalg.eigh(np.cov(values.T))
    order = np.argsort(-variances)[:2]
    np.testing.assert_allclose(shares, variances[order] / variances.sum(), rtol=1e-9)
    expected = (values - values.mean(axis=0)) @ directions[:, order]
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    sizes = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(points, axis=0), sizes[:2], rtol=1e-9)


def test_the_sign_of_a_component_does_not_depend_on_the_order() -> None:
    values = np.random.default_rng(1).normal(size=(20, 4))
    np.testing.assert_allclose(pca(values)[0][::-1], pca(values[::-1])[0], atol=1e-9)


def test_fewer_features_than_components() -> None:
    points, shares = pca(np.arange(5.0)[:, None])
    np.testing.assert_allclose(points, [[-2, 0], [-1, 0], [0, 0], [1, 0], [2, 0]], atol=1e-12)
    assert shares == (1.0,)


def test_it_takes_what_the_last_layer_reads(tmp_path) -> None:
    """fc1 gives (x0, x1), which are the components already."""
    text = "net N { input 1x2x1 ; flatten -> fc(2, bias=false) -> id -> fc(3) -> softmax }"
    model = made(text, loss="cross_entropy", fc1_weight=[[1, 0], [0, 1]])
    x = np.zeros((9, 1, 2, 1), np.float32)
    x[:, 0, 0, 0] = np.arange(9)
    x[:, 0, 1, 0] = np.abs(np.arange(9) - 4) / 10
    labels = np.arange(9) % 3
    found = embedding(model, (x, labels))
    np.testing.assert_allclose(found.points[:, 0], np.arange(9) - 4.0, atol=1e-6)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.path == "id1" and found.shares[0] > 0.9
    assert embedding(model, x, "fc1", examples=5).points.shape == (5, 2)
    assert found.save(tmp_path / "e.png").stat().st_size > 1000


def test_tsne_keeps_groups_apart() -> None:
    pytest.importorskip("sklearn")
    values = np.random.default_rng(0).normal(size=(24, 8)) + np.repeat([0, 40], 12)[:, None]
    points = tsne(values)
    one, two = points[:12], points[12:]
    within = max(np.ptp(one, axis=0).max(), np.ptp(two, axis=0).max())
    assert np.linalg.norm(one.mean(axis=0) - two.mean(axis=0)) > within
