"""Softmax and its logarithm, over the channels."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

import mlx.core as mx

from cnndsl.primitives import LogSoftmax
from cnndsl.program import Softmax

from .base import Array, Run, rule


@rule(Softmax, wide=True)
def softmax(p: Softmax, run: Run, x: Array) -> Array:
    return mx.softmax(x, axis=-1, precise=True)


@rule(LogSoftmax, wide=True)
def log_softmax(p: LogSoftmax, run: Run, x: Array) -> Array:
    return x - mx.logsumexp(x, axis=-1, keepdims=True)
