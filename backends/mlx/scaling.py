"""Loss scaling: what float16 takes to train.

Its smallest number is 6e-8, and many gradients are smaller. So the loss is multiplied before it is differentiated,
and the gradients, which are float32 by then, are divided (P. Micikevicius et al., Mixed Precision Training, 2018).
The factor is found as it goes: halved after a step whose gradients overflowed, which changes nothing, doubled after
`PATIENCE` steps without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mlx.core as mx

from .state import Arrays, State

START, LEAST, PATIENCE = 2.0**15, 1.0, 2000
#: the factor, the steps since it was changed, and the steps that were left out
SCALE, GOOD, SKIPPED = "scale", "good", "skipped"


def start(dtype: mx.Dtype) -> Arrays:
    """The state of the scaling before the first step; empty for types that need none."""
    return restored({}) if dtype == mx.float16 else {}


def restored(numbers: Mapping[str, Any]) -> Arrays:
    """From the numbers of a snapshot; those that it lacks as at the start."""
    return {
        SCALE: mx.array(float(numbers.get(SCALE, START)), mx.float32),
        GOOD: mx.array(int(numbers.get(GOOD, 0)), mx.int32),
        SKIPPED: mx.array(int(numbers.get(SKIPPED, 0)), mx.int32),
    }


def numbers(scaling: Arrays) -> dict[str, Any]:
    """For a snapshot."""
    return {name: array.item() for name, array in scaling.items()}


def moved(scaling: Arrays, fitted: mx.array) -> tuple[mx.array, Arrays]:
    """Whether the step is to be left out, as its gradients did not fit (are not finite), and the scaling afterwards.

    Where they do not though nothing is multiplied any more, scaling is not the cause: then the loss is to tell.
    """
    scale = scaling[SCALE]
    left = mx.logical_and(mx.logical_not(fitted), scale > LEAST)
    good = mx.where(fitted, scaling[GOOD] + 1, 0)
    grown = good >= PATIENCE
    return left, {
        SCALE: mx.where(fitted, mx.where(grown, 2.0 * scale, scale), mx.maximum(scale / 2.0, LEAST)),
        GOOD: mx.where(grown, 0, good),
        SKIPPED: scaling[SKIPPED] + left.astype(mx.int32),
    }


def lowered(state: State, gradients: Arrays) -> State | None:
    """The state with a smaller factor, where these gradients overflowed by the one that it has; else None."""
    if not state.scaling or float(state.scaling[SCALE]) <= LEAST:
        return None
    if all(mx.isfinite(gradient).all().item() for gradient in gradients.values()):
        return None
    return state._replace(scaling=state.scaling | {SCALE: mx.maximum(state.scaling[SCALE] / 8.0, LEAST)})
