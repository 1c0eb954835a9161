"""What is done to several inputs element by element, and shapes."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from functools import reduce

import mlx.core as mx

from cnndsl.program import Combine, Concat, Reshape

from .base import Array, Run, rule


@rule(Combine, "add")
def add(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.add, inputs)


@rule(Combine, "mul")
def multiply(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.multiply, inputs)


@rule(Combine, "sub")
def subtract(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.subtract, inputs)


@rule(Combine, "average")
def average(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(mx.add, inputs) / len(inputs)


@rule(Combine, "maximum")
def maximum(p: Combine, run: Run, *inputs: Array) -> Array:
    return reduce(larger, inputs)


def larger(best: Array, new: Array) -> Array:
    """The larger one. Of equals MLX gives the gradient to the second argument, here the one seen first."""
    return mx.maximum(new, best)


@rule(Concat)
def concat(p: Concat, run: Run, *inputs: Array) -> Array:
    return mx.concatenate(list(inputs), axis=-1)


@rule(Reshape)
def reshape(p: Reshape, run: Run, x: Array) -> Array:
    return x.reshape(x.shape[0], *run.shape)
