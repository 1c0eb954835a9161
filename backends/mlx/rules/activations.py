"""Functions of each element.

A branch of `where` that could overflow is given an input that cannot, as its gradient is computed too.
Of equals MLX gives the gradient of a maximum or minimum to the second argument.
"""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

import math

import mlx.core as mx

from cnndsl.program import Unary

from .base import Array, Run, rule


@rule(Unary, "relu")
def relu(p: Unary, run: Run, x: Array) -> Array:
    """max(x, 0), whose gradient at 0 is 0."""
    return mx.maximum(x, 0.0)


@rule(Unary, "relu6")
def relu6(p: Unary, run: Run, x: Array) -> Array:
    return _relu6(x)


def _relu6(x: Array) -> Array:
    return mx.minimum(mx.maximum(x, 0.0), 6.0)


@rule(Unary, "leaky_relu")
def leaky_relu(p: Unary, run: Run, x: Array) -> Array:
    (slope,) = p.amounts
    return mx.where(x > 0, x, slope * x)


@rule(Unary, "elu")
def elu(p: Unary, run: Run, x: Array) -> Array:
    (alpha,) = p.amounts
    return _elu(x, alpha)


def _elu(x: Array, alpha: float) -> Array:
    return mx.where(x > 0, x, alpha * mx.expm1(mx.minimum(0.0, x)))


@rule(Unary, "selu")
def selu(p: Unary, run: Run, x: Array) -> Array:
    """The constants keep mean 0 and variance 1 (Klambauer et al., 2017)."""
    return 1.0507009873554805 * _elu(x, 1.6732632423543772)


@rule(Unary, "celu")
def celu(p: Unary, run: Run, x: Array) -> Array:
    (alpha,) = p.amounts
    return mx.where(x > 0, x, alpha * mx.expm1(mx.minimum(0.0, x) / alpha))


@rule(Unary, "gelu")
def gelu(p: Unary, run: Run, x: Array) -> Array:
    return 0.5 * x * (1 + mx.erf(x / math.sqrt(2)))


@rule(Unary, "gelu_tanh")
def gelu_tanh(p: Unary, run: Run, x: Array) -> Array:
    return 0.5 * x * (1 + mx.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


@rule(Unary, "silu")
def silu(p: Unary, run: Run, x: Array) -> Array:
    return x * mx.sigmoid(x)


@rule(Unary, "mish")
def mish(p: Unary, run: Run, x: Array) -> Array:
    return x * mx.tanh(mx.logaddexp(x, 0.0))


@rule(Unary, "softplus")
def softplus(p: Unary, run: Run, x: Array) -> Array:
    return mx.logaddexp(x, 0.0)


@rule(Unary, "sigmoid")
def sigmoid(p: Unary, run: Run, x: Array) -> Array:
    return mx.sigmoid(x)


@rule(Unary, "hardsigmoid")
def hardsigmoid(p: Unary, run: Run, x: Array) -> Array:
    return _relu6(x + 3) / 6


@rule(Unary, "hardswish")
def hardswish(p: Unary, run: Run, x: Array) -> Array:
    return x * _relu6(x + 3) / 6


@rule(Unary, "tanh")
def tanh(p: Unary, run: Run, x: Array) -> Array:
    return mx.tanh(x)


@rule(Unary, "lecun_tanh")
def lecun_tanh(p: Unary, run: Run, x: Array) -> Array:
    """Near 1 at 1 and -1 at -1 (LeCun et al., 1998)."""
    return 1.7159 * mx.tanh(x * (2 / 3))


@rule(Unary, "abs")
def absolute(p: Unary, run: Run, x: Array) -> Array:
    return mx.abs(x)


@rule(Unary, "exp", wide=True)
def exponential(p: Unary, run: Run, x: Array) -> Array:
    return mx.exp(x)


@rule(Unary, "negative")
def negative(p: Unary, run: Run, x: Array) -> Array:
    return -x


@rule(Unary, "multiply")
def multiply(p: Unary, run: Run, x: Array) -> Array:
    (factor,) = p.amounts
    return x * factor


@rule(Unary, "power", wide=True)
def power(p: Unary, run: Run, x: Array) -> Array:
    """x^p, whose gradient is 0 where it is not finite: a root at 0."""
    (exponent,) = p.amounts
    known = mx.stop_gradient(x)
    finite = mx.isfinite(exponent * mx.power(known, exponent - 1))
    # Infinity times the 0 of a branch that was not taken would be NaN: there the root of 1 stands in.
    return mx.where(finite, mx.power(mx.where(finite, x, 1.0), exponent), mx.power(known, exponent))
