"""Metrics of each class. Counted are, for each class, how often it was found rightly, found, and wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.train.metrics.base import Metric
from cnndsl.train.metrics.counting import tally

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.metrics.reading import Reading


class PerClass(Metric):
    """Base: a ratio for each class, and as one number their mean over the classes that occur in outputs or targets.

    A class that occurs and has nothing to divide by counts as 0. With a single channel (yes or no) the
    number is that of the yes.
    """

    anywhere: ClassVar[bool] = True

    def counts(self, output: Array, target: Array, reading: Reading, xp: Any = np) -> Any:
        found, wanted = reading.found(output, xp), reading.wanted(target, output, xp)
        if reading.many:
            triple = (found & wanted, found, wanted)
            return xp.stack([item.reshape(-1, reading.channels).sum(axis=0) for item in triple])
        triple = (xp.where(found == wanted, wanted, reading.classes), found, wanted)  # wrong ones behind the last class
        return xp.stack([tally(xp, item, reading.classes + 1)[:-1] for item in triple])

    def ratio(self, right: Array, found: Array, wanted: Array) -> tuple[Array, Array]:
        """What is divided by what, for each class."""
        raise NotImplementedError

    def details(self, counts: Array) -> Array:
        """The ratio of each class; NaN for a class that does not occur."""
        above, below = self.ratio(*counts)
        occurs = counts[1] + counts[2] > 0
        return np.where(occurs, above / np.maximum(below, 1), np.nan)

    def value(self, counts: Array, reading: Reading) -> float:
        each = self.details(counts)
        if reading.channels == 1 and not reading.many:
            return float(np.nan_to_num(each[1]))
        occurring = each[~np.isnan(each)]
        return float(occurring.mean()) if occurring.size else 0.0


class Precision(PerClass):
    """Of what was said to be of a class, the part that is: right / found."""

    kind: ClassVar[str] = "precision"
    known_as: ClassVar[tuple[str, ...]] = ("positive_predictive_value", "ppv", "precision_score")

    def ratio(self, right: Array, found: Array, wanted: Array) -> tuple[Array, Array]:
        return right, found


class Recall(PerClass):
    """Of what is of a class, the part that was found: right / wanted."""

    kind: ClassVar[str] = "recall"
    known_as: ClassVar[tuple[str, ...]] = ("sensitivity", "true_positive_rate", "tpr", "recall_score")

    def ratio(self, right: Array, found: Array, wanted: Array) -> tuple[Array, Array]:
        return right, wanted


class F1(PerClass):
    """The harmonic mean of precision and recall: 2 right / (found + wanted) (C. van Rijsbergen, 1979)."""

    kind: ClassVar[str] = "f1"
    known_as: ClassVar[tuple[str, ...]] = ("f1_score", "F1Score", "f_score", "f_measure", "dice")

    def ratio(self, right: Array, found: Array, wanted: Array) -> tuple[Array, Array]:
        return 2 * right, found + wanted


class MeanIoU(PerClass):
    """Intersection over union of each class's positions: right / (found + wanted - right) (P. Jaccard, 1912)."""

    kind: ClassVar[str] = "mean_iou"
    known_as: ClassVar[tuple[str, ...]] = (
        "miou",
        "iou",
        "MeanIoU",
        "jaccard",
        "JaccardIndex",
        "intersection_over_union",
    )

    def ratio(self, right: Array, found: Array, wanted: Array) -> tuple[Array, Array]:
        return right, found + wanted - right

    def value(self, counts: Array, reading: Reading) -> float:
        """The mean over the classes that occur, also over both where there is a single channel."""
        return super().value(counts, reading.replace(channels=reading.classes))


class ConfusionMatrix(Metric):
    """How often an example of the class of the row was said to be of the class of the column; not a single number."""

    kind: ClassVar[str] = "confusion_matrix"
    anywhere: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("confusion", "ConfusionMatrix")

    def fits(self, reading: Reading) -> bool:
        return not reading.many

    def counts(self, output: Array, target: Array, reading: Reading, xp: Any = np) -> Any:
        found, wanted, size = reading.found(output, xp), reading.wanted(target, output, xp), reading.classes
        return tally(xp, wanted * size + found, size**2).reshape(size, size)

    def value(self, counts: Array, reading: Reading) -> None:
        return None

    def details(self, counts: Array) -> Array:
        return counts
