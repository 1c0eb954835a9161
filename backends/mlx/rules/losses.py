"""Softmax and the losses. A loss is a number for each example; the step takes the mean over the batch."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

import mlx.core as mx

from cnndsl.primitives import LogSoftmax
from cnndsl.program import CrossEntropy, Softmax, SquaredError

from .base import Array, Run, rule


@rule(Softmax)
def softmax(p: Softmax, run: Run, x: Array) -> Array:
    return mx.softmax(x, axis=-1, precise=True)


@rule(LogSoftmax)
def log_softmax(p: LogSoftmax, run: Run, x: Array) -> Array:
    return x - mx.logsumexp(x, axis=-1, keepdims=True)


@rule(CrossEntropy)
def cross_entropy(p: CrossEntropy, run: Run, logits: Array, labels: Array) -> Array:
    hit = mx.take_along_axis(logits, labels.astype(mx.int32)[..., None], axis=-1).squeeze(-1)
    return _per_example(mx.logsumexp(logits, axis=-1) - hit)


@rule(SquaredError)
def squared_error(p: SquaredError, run: Run, x: Array, target: Array) -> Array:
    return _per_example((x - target).square())


def _per_example(x: Array) -> Array:
    """The mean over everything but the batch."""
    return x.reshape(x.shape[0], -1).mean(axis=-1)
