"""A Feed: checked arrays, handed out in batches as the engines take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.random import key, permutation
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Arrays = dict[str, Any]


class Batch(Record):
    """Some examples: the arrays of the inputs and of the targets by name, and how many examples they are."""

    inputs: Arrays
    targets: Arrays
    count: int


class Feed(Record):
    """Examples and their targets by name, each array with the examples first."""

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    #: the type in which each target is handed out
    types: Mapping[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def batches(self, size: int, order: Array | None = None) -> Iterator[Batch]:
        """All examples once, `size` at a time (the last batch may be smaller), as they lie or in an order.

        Inputs come as float32, contiguous; only the batch is converted, never the whole array.
        """
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            chosen = slice(start, stop) if order is None else order[start:stop]
            inputs = {name: np.ascontiguousarray(array[chosen], np.float32) for name, array in self.inputs.items()}
            targets = {
                name: np.ascontiguousarray(array[chosen], self.types[name]) for name, array in self.targets.items()
            }
            yield Batch(inputs, targets, stop - start)


def epoch_order(seed: int, epoch: int, count: int) -> Array:
    """The order of the examples in an epoch (from 0): a pure function of its arguments, on every machine."""
    return permutation(key(seed, f"epoch {epoch}"), count)
