"""The losses: a number for each example; the step takes the mean over the batch."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

import mlx.core as mx

from cnndsl.objectives import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    SoftCrossEntropy,
    SquaredError,
)

from .base import Array, Run, rule


@rule(CrossEntropy, wide=True)
def cross_entropy(p: CrossEntropy, run: Run, logits: Array, labels: Array) -> Array:
    hit = _at_labels(logits, labels)
    loss = mx.logsumexp(logits, axis=-1) - hit
    if p.smoothing:
        loss = loss + p.smoothing * (hit - logits.mean(axis=-1))
    if p.class_weights:
        loss = loss * mx.array(p.class_weights, logits.dtype)[labels.astype(mx.int32)]
    return _per_example(loss)


@rule(SoftCrossEntropy, wide=True)
def soft_cross_entropy(p: SoftCrossEntropy, run: Run, logits: Array, shares: Array) -> Array:
    return _per_example(mx.logsumexp(logits, axis=-1) * shares.sum(axis=-1) - (shares * logits).sum(axis=-1))


@rule(BinaryCrossEntropy, wide=True)
def binary_cross_entropy(p: BinaryCrossEntropy, run: Run, z: Array, t: Array) -> Array:
    return _per_example(mx.logaddexp(z, 0.0) * (1 - t + p.positive_weight * t) - p.positive_weight * t * z)


@rule(Hinge, wide=True)
def hinge(p: Hinge, run: Run, scores: Array, labels: Array) -> Array:
    if scores.shape[-1] == 1:
        return _per_example(_above_0(p.margin + (1 - 2 * labels.astype(scores.dtype))[..., None] * scores))
    short = _above_0(scores - _at_labels(scores, labels)[..., None] + p.margin)
    others = mx.arange(scores.shape[-1]) != labels.astype(mx.int32)[..., None]
    return _per_example(mx.where(others, short, 0.0).sum(axis=-1))


@rule(SquaredError, wide=True)
def squared_error(p: SquaredError, run: Run, x: Array, target: Array) -> Array:
    return _per_example((x - target).square())


@rule(AbsoluteError, wide=True)
def absolute_error(p: AbsoluteError, run: Run, x: Array, target: Array) -> Array:
    return _per_example((x - target).abs())


@rule(Huber, wide=True)
def huber(p: Huber, run: Run, x: Array, target: Array) -> Array:
    d = x - target
    near = mx.clip(mx.stop_gradient(d), -p.delta, p.delta)
    return _per_example(near * (d - near / 2))


def _at_labels(x: Array, labels: Array) -> Array:
    """What stands at the label of each position."""
    return mx.take_along_axis(x, labels.astype(mx.int32)[..., None], axis=-1).squeeze(-1)


def _above_0(x: Array) -> Array:
    """max(x, 0), whose gradient at 0 is 0."""
    return mx.where(x > 0, x, 0.0)


def _per_example(x: Array) -> Array:
    """The mean over everything but the batch."""
    return x.reshape(x.shape[0], -1).mean(axis=-1)
