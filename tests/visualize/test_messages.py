"""What is said about units, layers and images that there are not."""

from __future__ import annotations

import sys
from unittest import mock

import numpy as np
import pytest

import cnndsl
from cnndsl import visualize
from cnndsl.errors import visualize as errors
from cnndsl.errors.base import Problem
from tests.visualize.helpers import made, noise

NET = "net Digits { input 6x6x1 ; conv(4, 3) -> relu -> flatten ; fc(3) -> softmax }"
X = noise(2, 6, 6, 1)


def model(text: str = NET):
    found = made(text, loss="cross_entropy")
    found.class_names = ("cat", "dog", "cow")
    return found


def without(module: str, action) -> None:
    with mock.patch.dict(sys.modules, {module: None}):
        action()


CASES = [
    ("E571", lambda: visualize.saliency(model(), X, target="conv1:x"), "names no unit of a layer"),
    ("E571", lambda: visualize.responses(model(), X, "conv1"), "conv1:0"),
    ("E063", lambda: visualize.filters(model(), "cnov1"), "did you mean `conv1`?"),
    ("E063", lambda: visualize.activations(model(), X, "conv2"), "did you mean `conv1`?"),
    ("E063", lambda: visualize.maximize(model(), "conv9:1"), "has no layer `conv9`"),
    ("E572", lambda: visualize.maximize(model(), "conv1:4"), "`conv1` has 4 channels, and number 4 was asked for"),
    ("E572", lambda: visualize.saliency(model(), X, target=3), "`softmax1` has 3 classes, and number 3"),
    ("E521", lambda: visualize.saliency(model(), X, target="cet"), "did you mean `cat`?"),
    ("E064", lambda: visualize.top(model(), X, "conv1:0@4,0"), "from `conv1@0,0` to `conv1@3,3`"),
    ("E573", lambda: visualize.filters(model(), "relu1"), "layers that have some: conv1, fc1"),
    ("E574", lambda: visualize.maximize(model("net V { input 9 ; fc(3) }"), 0), "its inputs are 9"),
    ("E574", lambda: visualize.saliency(
        model("net V { input a: 4x4x1 ; input b: 4x4x1 ; add { a | b } ; fc(3) }"), X), "4x4x1, 4x4x1"),
    ("E501", lambda: visualize.saliency(model(), X[:, :5]), "are 5x6x1, the net wants 6x6x1"),
    ("E501", lambda: visualize.occlusion(model(), X[0, :5]), "are 5x6x1, the net wants 6x6x1"),
    ("E504", lambda: visualize.saliency(model(), X * np.nan), "not finite"),
    ("E521", lambda: visualize.saliency(model(), X, "gradcam"), "did you mean `grad_cam`?"),
    ("E522", lambda: visualize.saliency(model(), X, "smoothgrad", n=3), "its settings: samples, deviation, seed"),
    ("E523", lambda: visualize.maximize(model(), 1, steps=0), "at least 1"),
    ("E522", lambda: visualize.maximize(model(), 1, lr=0.1), "did you mean `rate`?"),
    ("E523", lambda: visualize.maximize(model(), 1, low=2.0), "below `high`, which is 1"),
    ("E523", lambda: visualize.occlusion(model(), X, size=7), "at most 6"),
    ("E575", lambda: visualize.filters(model(), "conv1").save("filters.jpg"), "call it filters.png"),
    ("E576", lambda: without("sklearn.manifold", lambda: visualize.tsne(noise(9, 3))), "pip install scikit-learn"),
    ("E577", lambda: visualize.saliency(model(), X, visualize.GradCAM(at="fc1")), "layers that can: conv1, relu1"),
    ("E577", lambda: visualize.equivariance(model(), X, "fc1"), "no maps of rows and columns"),
    ("E577", lambda: visualize.responses(model(), X, "relu1:0"), "takes no maximum over detectors"),
    ("E523", lambda: visualize.equivariance(model(), X, "conv1", "shift", [0.5]), "a whole number of pixels"),
    ("E521", lambda: visualize.equivariance(model(), X, "conv1", "shfit"), "did you mean `shift`?"),
    ("E578", lambda: visualize.pca(noise(2, 3)), "at least 3 examples, there are 2"),
    ("E521", lambda: visualize.embedding(model(), X, method="umap"), "pca, tsne"),
    ("E510", lambda: visualize.saliency(
        model("net T { input 6x6x1 ; conv(3, 6) -> flatten ; output a: fc(3) ; output b: fc(3) }"), X), "2 outputs"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "action", "words"), CASES)
def test_what_cannot_be_shown_is_said(code: str, action, words: str) -> None:
    with pytest.raises(cnndsl.CnnError) as error, np.errstate(all="ignore"):
        action()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == code and diagnostic.helps, "every message ends with something to do"
    assert words in " ".join(str(error.value).split())


def test_a_picture_needs_pillow() -> None:
    found = visualize.filters(model(), "conv1")
    with pytest.raises(cnndsl.CnnError, match="E517"):
        without("PIL", found.png)


def test_every_message_has_its_case() -> None:
    classes = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Problem)]
    assert {item.code for item in classes if item.code} <= {code for code, _, _ in CASES}
