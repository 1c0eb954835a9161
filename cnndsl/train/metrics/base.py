"""Metric, the base of the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.train.choices import Choice

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.metrics.reading import Reading


class Metric(Choice):
    """Base of the metrics: what is counted in batches adds up exactly, however the examples are cut into them.

    One that is `anywhere` counts with `xp`, the module of whatever arrays it is given, and so on a device where the
    outputs are; another has its arrays brought to NumPy first.
    """

    what: ClassVar[str] = "metric"
    anywhere: ClassVar[bool] = False

    @property
    def title(self) -> str:
        """What it is called in histories and scores."""
        return self.kind

    def fits(self, reading: Reading) -> bool:
        """Whether it means something for an output that is read so."""
        return True

    def counts(self, output: Array, target: Array, reading: Reading, xp: Any = np) -> Any:
        """What is counted of a batch: an array that is added up over batches."""
        raise NotImplementedError

    def value(self, counts: Array, reading: Reading) -> float | None:
        """The number for the sum of the counts, by default the first divided by the second; None if it is none."""
        return float(counts[0] / max(counts[1], 1))

    def details(self, counts: Array) -> Array | None:
        """What there is beside that number: a number for each class, or a matrix."""
        return None
