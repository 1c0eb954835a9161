"""Metrics that are a part of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.train.limits import Whole
from cnndsl.train.metrics.base import Metric

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.metrics.reading import Reading


class Accuracy(Metric):
    """The part of the labels that were found; with a yes or no for each channel, the part of those.

    For `mse` and `soft_cross_entropy` the largest target is the label; with a single channel, whether it
    is at least 0.5.
    """

    kind: ClassVar[str] = "accuracy"
    known_as: ClassVar[tuple[str, ...]] = (
        "acc",
        "categorical_accuracy",
        "sparse_categorical_accuracy",
        "binary_accuracy",
        "top1",
    )

    def counts(self, output: Array, target: Array, reading: Reading) -> Array:
        right = reading.found(output) == reading.wanted(target, output)
        return np.array([np.count_nonzero(right), right.size], np.int64)


class TopK(Metric):
    """The part of the labels whose score is among the `k` largest; of equal scores the first class goes first."""

    kind: ClassVar[str] = "top_k"
    known_as: ClassVar[tuple[str, ...]] = (
        "top_k_accuracy",
        "top_k_categorical_accuracy",
        "sparse_top_k_categorical_accuracy",
        "TopKCategoricalAccuracy",
        "top5",
        "top_5",
    )
    checks: ClassVar[dict[str, Any]] = {"k": (Whole(), 5)}

    k: int = 5

    @property
    def title(self) -> str:
        return f"top_{self.k}"

    def fits(self, reading: Reading) -> bool:
        return not reading.many and reading.channels > self.k

    def counts(self, output: Array, target: Array, reading: Reading) -> Array:
        label = reading.wanted(target, output)[..., None]
        score = np.take_along_axis(output, label, axis=-1)
        earlier = np.arange(output.shape[-1]) < label
        before = np.count_nonzero((output > score) | ((output == score) & earlier), axis=-1)
        return np.array([np.count_nonzero(before < self.k), before.size], np.int64)
