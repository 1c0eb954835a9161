"""What is measured beside the loss: computed from outputs and targets in NumPy, so equal on every backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.train.choices import Choice
from cnndsl.train.losses import Loss, SquaredError

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


class Metric(Choice):
    """Base of the metrics: a mean over the examples, kept as a sum and a count so that batches add up exactly."""

    what: ClassVar[str] = "metric"

    def fits(self, loss: Loss, output: tuple[int, ...]) -> bool:
        """Whether it means something for an output of that shape trained with that loss."""
        raise NotImplementedError

    def measure(self, output: Array, target: Array) -> tuple[float, int]:
        """The sum over a batch and the number of what was summed."""
        raise NotImplementedError


class Accuracy(Metric):
    """The part of the labels that were found: the largest output's class is the label's.

    For `mse` the largest output and the largest target; with a single channel, whether both are at
    least 0.5.
    """

    kind: ClassVar[str] = "accuracy"
    known_as: ClassVar[tuple[str, ...]] = ("acc", "categorical_accuracy", "sparse_categorical_accuracy", "top1")

    def fits(self, loss: Loss, output: tuple[int, ...]) -> bool:
        return isinstance(loss, SquaredError) or (loss.takes in ("classes", "scores") and output[-1] > 1)

    def measure(self, output: Array, target: Array) -> tuple[float, int]:
        right = classes(output) == (classes(target) if target.ndim == output.ndim else target)
        return int(np.count_nonzero(right)), right.size


def classes(scores: Array) -> Array:
    """The class of each row of scores: its largest, the first of equals; 0 or 1 for a single score."""
    return np.argmax(scores, axis=-1) if scores.shape[-1] > 1 else (scores[..., 0] >= 0.5).astype(np.int64)
