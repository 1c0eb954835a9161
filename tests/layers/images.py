"""Small images: written as digits, or random."""

from __future__ import annotations

import numpy as np


def rows(text: str) -> np.ndarray:
    """A matrix of digits, a group a row."""
    return np.array([[int(digit) for digit in row] for row in text.split()], np.float32)


def image(text: str) -> np.ndarray:
    return rows(text)[..., None]


def random_image(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
