"""The matrices of F(m, r), m outputs of a filter of r cells with m + r - 1 multiplications.

S. Winograd, Arithmetic complexity of computations, 1980; for convolutional layers A. Lavin and S. Gray, Fast
algorithms for convolutional neural networks, 2015. With a row of inputs d and a filter g

    y = A^T [(G g) * (B^T d)]

which is polynomials multiplied by their values at some points. The usual points 0, ±1, ±2 need no
multiplications; here the transforms are matrix products, so the points are those that round best.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .memory import Array

#: with infinity. For m = 4 found by search: in float32 half the error of 0, ±1, ±2, 6e-7 of the result
POINTS = {2: (0, 1, -1), 4: (0, 5 / 8, -5 / 8, 3 / 2, -3 / 2)}


def values(terms: int, points: tuple[float, ...]) -> Array:
    """The matrix that takes the coefficients of a polynomial to its values; at infinity the last counts."""
    last = np.zeros((1, terms))
    last[0, -1] = 1
    return np.vstack([np.vander(points, terms, increasing=True), last])


@cache
def matrices(outputs: int, cells: int = 3) -> tuple[Array, Array, Array]:
    """A^T (m, n), G (n, r), B^T (n, n) in float64, scaled so that each point's three factors are equally large."""
    points = POINTS[outputs]
    a, g = values(outputs, points).T, values(cells, points)
    b = np.linalg.inv(values(outputs + cells - 1, points)).T
    sizes = [np.linalg.norm(each, axis=axis) for each, axis in ((a, 0), (g, 1), (b, 1))]
    even = np.cbrt(sizes[0] * sizes[1] * sizes[2])
    return a * (even / sizes[0]), g * (even / sizes[1])[:, None], b * (even / sizes[2])[:, None]


def squared(matrix: Array, dtype: Any) -> Array:
    """The matrix that does to the cells of a square, in reading order, what `matrix` does to rows and columns."""
    return np.kron(matrix, matrix).astype(dtype)
