"""Metrics that are a part of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.train.limits import Whole
from cnndsl.train.metrics.base import Metric
from cnndsl.train.metrics.counting import pair

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.metrics.reading import Reading


class Accuracy(Metric):
    """The part of the labels that were found; with a yes or no for each channel, the part of those.

    For `mse` and `soft_cross_entropy` the largest target is the label; with a single channel, whether it
    is at least 0.5.
    """

    kind: ClassVar[str] = "accuracy"
    anywhere: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "acc",
        "categorical_accuracy",
        "sparse_categorical_accuracy",
        "binary_accuracy",
        "top1",
    )

    def counts(self, output: Array, target: Array, reading: Reading, xp: Any = np) -> Any:
        return pair(xp, reading.found(output, xp) == reading.wanted(target, output, xp))


class TopK(Metric):
    """The part of the labels whose score is among the `k` largest; of equal scores the first class goes first."""

    kind: ClassVar[str] = "top_k"
    anywhere: ClassVar[bool] = True
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

    def counts(self, output: Array, target: Array, reading: Reading, xp: Any = np) -> Any:
        label = reading.wanted(target, output, xp)[..., None]
        score = xp.take_along_axis(output, label, axis=-1)
        earlier = xp.arange(output.shape[-1]) < label
        before = ((output > score) | ((output == score) & earlier)).sum(axis=-1)
        return pair(xp, before < self.k)
