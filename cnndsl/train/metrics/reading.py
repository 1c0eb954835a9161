"""Reading: which class an output says, and which one its target says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.record import Record
from cnndsl.train.metrics.counting import integers

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


class Reading(Record):
    """How the numbers of an output with so many channels are read as classes.

    The class is the largest channel, the first of equals; with one channel it is 1 from `threshold` on,
    else 0. With `many` each channel is a yes or no of its own. Targets are labels, or rows like the output
    (a yes from 0.5 on).
    """

    channels: int
    many: bool = False
    threshold: float = 0.5

    @property
    def classes(self) -> int:
        """How many classes are told apart; the channels, each by itself, with `many`."""
        return max(self.channels, 1 if self.many else 2)

    def found(self, output: Array, xp: Any = np) -> Any:
        """What an output (…, channels) says: classes (…), or with `many` yes and no (…, channels)."""
        return self._read(output, self.threshold, xp)

    def wanted(self, target: Array, output: Array, xp: Any = np) -> Any:
        """What the target of such an output says, in the same form."""
        return self._read(target, 0.5, xp) if target.ndim == output.ndim else integers(xp, target)

    def _read(self, rows: Array, threshold: float, xp: Any) -> Any:
        if self.many:
            return rows >= threshold
        return integers(xp, rows[..., 0] >= threshold if self.channels == 1 else xp.argmax(rows, axis=-1))
