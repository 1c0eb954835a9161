"""Visit: one pass of training over the data, and the order that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.random import key, permutation
from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


class Visit(Record):
    """An epoch (from 0): the order of the examples and all that augments them depend on these fields only.

    So a training that goes on, in the middle of an epoch too, sees what it would have seen.
    """

    seed: int
    epoch: int
    shuffle: bool = True

    def order(self, count: int) -> Numbers | None:
        """The numbers of the examples in the order of this epoch; None is as they lie."""
        return epoch_order(self.seed, self.epoch, count) if self.shuffle else None


def epoch_order(seed: int, epoch: int, count: int) -> Numbers:
    """The order of the examples in an epoch (from 0): a pure function of its arguments, on every machine."""
    return permutation(key(seed, f"epoch {epoch}"), count)
