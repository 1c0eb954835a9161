"""What is measured of each batch: counted where its outputs are, so that a device sends back a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeAlias

import numpy as np

from cnndsl.engine import MeasuringEngine
from cnndsl.train.task import Counts

if TYPE_CHECKING:
    from cnndsl.train.feed import Batch
    from cnndsl.train.model import Model

#: a loss, and what gives the counts; both may be on their way still, and reading them waits
Outcome: TypeAlias = tuple[SupportsFloat, Callable[[], Mapping[str, Any]]]


def step(model: Model, batch: Batch, rate: float | None) -> Outcome:
    """One training step."""
    counts, engine = Counts(model.task.goals), model.engine
    if isinstance(engine, MeasuringEngine) and counts.anywhere:
        return _counted(*engine.step_measured(batch.inputs, batch.targets, rate, counts))
    return _counting(counts, batch, *engine.step(batch.inputs, batch.targets, rate))


def evaluate(model: Model, batch: Batch) -> Outcome:
    """The loss and the counts in inference mode."""
    counts, engine = Counts(model.task.goals), model.engine
    if isinstance(engine, MeasuringEngine) and counts.anywhere:
        return _counted(*engine.evaluate_measured(batch.inputs, batch.targets, counts))
    return _counting(counts, batch, *engine.evaluate(batch.inputs, batch.targets))


def _counted(loss: SupportsFloat, counted: Mapping[str, Any]) -> Outcome:
    """What the engine has counted."""
    return loss, lambda: counted


def _counting(counts: Counts, batch: Batch, loss: SupportsFloat, outputs: Mapping[str, Any]) -> Outcome:
    """What is counted here once it is read."""
    return loss, lambda: counts(np, {name: np.asarray(array) for name, array in outputs.items()}, batch.targets)
