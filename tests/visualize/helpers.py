"""Nets whose answers are known, because their weights are written down here."""

from __future__ import annotations

from typing import Any

import numpy as np

import cnndsl
from cnndsl.backends import available
from cnndsl.train.model import Model

BACKENDS = [name for name, reason in available().items() if reason is None]
#: dark to the left, bright to the right (I. Sobel, 1968)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


def made(text: str, backend: str = "numpy", *, loss: str = "mse", **arrays: Any) -> Model:
    """A net with given weights: `conv1_weight=…` is `conv1.weight`."""
    model = cnndsl.loads(text).compile(backend=backend, loss=loss)
    named = {name.replace("_", "."): np.asarray(array, np.float32) for name, array in arrays.items()}
    unknown = named.keys() - model.engine.arrays().keys()
    assert not unknown, unknown
    model.engine.load(named)
    return model


def sobel(size: int, backend: str = "numpy") -> Model:
    """One convolution without padding, with Sobel's kernel for upright edges."""
    return made(
        f"net Sobel {{ input {size}x{size}x1 ; conv(1, 3, bias=false) }}", backend, conv1_weight=SOBEL[None, ..., None]
    )


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)
