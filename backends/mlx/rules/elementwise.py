"""What is done to each element, or to several inputs element by element; and shapes."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from functools import reduce

import mlx.core as mx

from cnndsl.program import Combine, Concat, Reshape, Unary

from .base import Array, Run, rule


@rule(Unary, "relu")
def relu(p: Unary, run: Run, x: Array) -> Array:
    """max(x, 0), whose gradient at 0 is 0."""
    return mx.maximum(x, 0.0)


@rule(Unary, "sigmoid")
def sigmoid(p: Unary, run: Run, x: Array) -> Array:
    return mx.sigmoid(x)


@rule(Unary, "tanh")
def tanh(p: Unary, run: Run, x: Array) -> Array:
    return mx.tanh(x)


@rule(Combine, "add")
def add(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.add, inputs)


@rule(Combine, "mul")
def multiply(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.multiply, inputs)


@rule(Concat)
def concat(p: Concat, run: Run, *inputs: Array) -> Array:
    return mx.concatenate(list(inputs), axis=-1)


@rule(Reshape)
def reshape(p: Reshape, run: Run, x: Array) -> Array:
    return x.reshape(x.shape[0], *run.shape)
