"""What a batch takes of memory at its fullest: MLX plans none, but it counts what it allocates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlx.core as mx
import numpy as np

from cnndsl.program import Program, Value

from .state import State

if TYPE_CHECKING:
    from .engine import MlxEngine


def peak(engine: MlxEngine, batch: int, *, training: bool) -> int:
    """Bytes while a batch of zeros is predicted, or two steps are taken: parameters and all.

    On a copy of the engine's state, which stays as it is. Whatever else of the process runs on MLX meanwhile counts.
    """
    inputs = {name: np.zeros((batch, *value.shape), np.float32) for name, value in engine.program.inputs.items()}
    mx.synchronize()
    own, before = engine.state, mx.get_active_memory()
    count, waiting = engine.count, engine.waiting
    mx.reset_peak_memory()
    try:
        engine.state = copied(own)
        if training:
            targets = blank(engine.program, batch)
            for _ in range(2):
                float(engine.step(inputs, targets)[0])
        else:
            engine.predict(inputs)
        mx.eval(engine.state)
        mx.synchronize()
        return int(mx.get_peak_memory()) - int(before)
    finally:
        engine.state, engine.count, engine.waiting = own, count, waiting


def copied(state: State) -> State:
    """The same numbers in other memory."""
    from mlx.utils import tree_map

    other = State(*tree_map(lambda array: mx.array(np.array(array)), tuple(state)))
    mx.eval(other)
    return other


def blank(program: Program, batch: int) -> dict[str, Any]:
    """Targets that are all 0."""
    return {
        name: np.zeros((batch, *value.shape), np.int32 if _labels(program, value) else np.float32)
        for name, value in program.targets.items()
    }


def _labels(program: Program, value: Value) -> bool:
    """Whether a target is numbers of classes."""
    step = next(step for step in program.steps if value in step.inputs)
    return step.inputs.index(value) in step.primitive.labels
