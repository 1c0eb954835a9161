"""What keeps an optimised image from becoming noise: blur, and the slope of total variation."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


def blurred(x: Array, sigma: float) -> Array:
    """Images (N, H, W, C) under a Gaussian of that deviation in pixels; the border cells go on beyond the border."""
    if sigma <= 0:
        return x
    reach = ceil(3 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (1, 2):
        margins = [(reach, reach) if each == axis else (0, 0) for each in range(4)]
        padded, extent = np.pad(x, margins, mode="edge"), x.shape[axis]
        parts = (padded.take(range(shift, shift + extent), axis) * weight for shift, weight in enumerate(weights))
        x = np.sum(list(parts), axis=0)
    return x


def variation_slope(x: Array, softness: float = 1e-2) -> Array:
    """The slope of total variation, the sum of sqrt(dx^2 + dy^2 + softness^2) over neighbours' differences.

    L. Rudin, S. Osher and E. Fatemi, Nonlinear total variation based noise removal algorithms, 1992; as a prior of
    images A. Mahendran and A. Vedaldi, Understanding deep image representations by inverting them, 2015.
    """
    down, right = np.zeros_like(x), np.zeros_like(x)
    down[:, :-1], right[:, :, :-1] = np.diff(x, axis=1), np.diff(x, axis=2)
    length = np.sqrt(down**2 + right**2 + np.float32(softness**2))
    down, right = down / length, right / length
    found: Array = -down - right
    found[:, 1:] += down[:, :-1]
    found[:, :, 1:] += right[:, :, :-1]
    return found
