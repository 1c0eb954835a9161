"""The complementary error function, which NumPy lacks.

W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation
23 (107), 1969: a quotient of polynomials on each of three intervals of |x|, good to double precision.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from .memory import Array

Coefficients: TypeAlias = tuple[float, ...]

NEAR, FAR = 0.46875, 4.0  # the borders of the intervals

# Numerator and denominator, highest power first: erf(x) / x in x^2 up to NEAR,
NEAR_UP: Coefficients = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2)
NEAR_UP += (3.20937758913846947e3,)
NEAR_DOWN: Coefficients = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
# exp(x^2) erfc(x) in x between them,
MIDDLE_UP: Coefficients = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1)
MIDDLE_UP += (2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3)
MIDDLE_UP += (1.23033935479799725e3,)
MIDDLE_DOWN: Coefficients = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
)
MIDDLE_DOWN += (3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
# and x^2 (1 / sqrt(pi) - x exp(x^2) erfc(x)) in 1 / x^2 from FAR on.
FAR_UP: Coefficients = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1)
FAR_UP += (1.60837851487422766e-2, 6.58749161529837803e-4)
FAR_DOWN: Coefficients = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
)
FAR_DOWN += (2.33520497626869185e-3,)


def erfc(x: Array) -> Array:
    """1 - 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x: 1 - erf(x), as precise where it is small.

    In single precision the formula of the middle interval serves everywhere: its own error is below 1e-6.
    """
    size = np.minimum(np.abs(x), 30)  # erfc is 0 there, and infinity would not be a number below
    single = x.dtype == np.float32
    tail = _quotient(MIDDLE_UP, MIDDLE_DOWN, size) * np.exp(-size * size) if single else _tail(size)
    result = np.where(x < 0, 2 - tail, tail)
    if not single:
        near = size <= NEAR
        close = x[near]
        result[near] = 1 - close * _quotient(NEAR_UP, NEAR_DOWN, close * close)
    return result


def _tail(x: Array) -> Array:
    """erfc of x >= NEAR; what it gives for less is not used."""
    result = _quotient(MIDDLE_UP, MIDDLE_DOWN, np.minimum(x, FAR))
    far = x > FAR
    distance = x[far]
    inverse = 1 / (distance * distance)
    result[far] = (pi**-0.5 - inverse * _quotient(FAR_UP, FAR_DOWN, inverse)) / distance
    return result * _gauss(x)


def _gauss(x: Array) -> Array:
    """exp(-x^2): the square of x cut to sixteenths is exact, so that its rounding is not blown up."""
    cut = np.floor(x * 16) / 16
    result: Array = np.exp(-cut * cut) * np.exp(-(x - cut) * (x + cut))
    return result


def _quotient(up: Coefficients, down: Coefficients, x: Array) -> Array:
    return _polynomial(up, x) / _polynomial(down, x)


def _polynomial(coefficients: Coefficients, x: Array) -> Array:
    """Horner's scheme."""
    first, second, *others = coefficients
    result = x * first
    result += second
    for coefficient in others:
        result *= x
        result += coefficient
    return result
