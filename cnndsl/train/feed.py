"""A Feed: a part of some data, checked against a net, handed out in batches as the engines take them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from hashlib import sha256
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.augment.base import augmented
from cnndsl.data.examples import Numbered, numbers
from cnndsl.data.prefetch import prefetch
from cnndsl.data.share import WHOLE
from cnndsl.data.visit import Visit, epoch_order
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Augment
    from cnndsl.data.part import Block, Part
    from cnndsl.layers.base import Bounds
    from cnndsl.train.task import Task

__all__ = ["Arrays", "Batch", "Feed", "Visit", "epoch_order"]

Arrays = dict[str, Any]
#: examples whose values are looked at where they are not all in memory; and at a time, where they are
LOOK, ROWS = 32, 4096
#: examples that a digest is made of
GLANCE = 8


class Batch(Record):
    """Some examples: the arrays of the inputs and of the targets by name, and how many examples they are.

    Where several processes share a batch, `first` rows of it come before these. One that has none holds a row of
    zeros, which does not count.
    """

    inputs: Arrays
    targets: Arrays
    count: int
    first: int = 0


class Feed:
    """Examples and their targets for a task. Data that is only seen as it comes is checked batch by batch."""

    def __init__(self, task: Task, part: Part, *, targets: bool = True, augment: tuple[Augment, ...] = ()) -> None:
        self.task, self.part, self.targets, self.augment = task, part, targets, augment
        self.share = WHOLE

    def __len__(self) -> int:
        """How many examples there are; 0 if that is not known before they are read."""
        return len(self.part)

    @property
    def numbered(self) -> bool:
        """Whether it is known how many examples there are, and each can be read by itself."""
        return isinstance(self.part, Numbered)

    def steps(self, size: int) -> int:
        """How many batches a pass has; 0 if that is not known."""
        return self.part.steps(size)

    def batches(self, size: int, visit: Visit | None = None, first: int = 0) -> Generator[Batch, None, None]:
        """One pass, `size` examples at a time, from batch `first` on: as they lie, or as an epoch of training.

        Inputs come as float32, contiguous; only the batch is converted, never the whole array. What
        takes long is done ahead on a thread, which ends with the generator: close it (or exhaust it).
        """
        made = self._made(size, visit, first)
        try:
            yield from prefetch(made) if self.part.slow or (visit and self.augment) else made
        finally:
            self.part.report()

    def _made(self, size: int, visit: Visit | None, first: int) -> Generator[Batch, None, None]:
        for number, block in enumerate(self.part.blocks(size, visit, first, self.share), first):
            inputs, targets, chosen = self._shared(block)
            inputs, targets = _decimals(inputs), _each(targets, self.task.types)
            count = len(chosen)
            if visit and self.augment and count:
                inputs, targets = augmented(self.augment, inputs, targets, visit, chosen)
                inputs, targets = _decimals(inputs), dict(targets)
            if not count:
                inputs, targets = _a_row(inputs), _a_row(targets)
            yield Batch(inputs, targets, count, self._before(size, number, block))

    def _shared(self, block: Block) -> tuple[Mapping[str, Any], Mapping[str, Any], Any]:
        """The share of a block, and its numbers. What only comes was read whole, and is checked whole."""
        (inputs, targets), chosen = self._taken(block), numbers(block.numbers)
        if self.numbered or self.share.size == 1:
            return inputs, targets, chosen
        rows = self.share.rows(len(chosen))
        inputs, targets = ({name: array[rows] for name, array in each.items()} for each in (inputs, targets))
        return inputs, targets, chosen[rows]

    def _before(self, size: int, number: int, block: Block) -> int:
        """The rows that other processes have before these."""
        count = min(size, len(self) - number * size) if self.numbered else len(numbers(block.numbers))
        start: int = self.share.rows(count).start
        return start

    def _taken(self, block: Block) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The arrays of a block by name, checked if that was not possible before."""
        unseen = self.part.slow and len(numbers(block.numbers))
        return self.task.checked(block, self.targets) if unseen else self.task.named(block, self.targets)

    def digest(self) -> str:
        """A short text that differs for other data: the hash of a few examples, or the name of what only comes."""
        if not isinstance(self.part, Numbered) or not len(self):
            return self.part.name
        chosen = np.unique(np.linspace(0, len(self) - 1, GLANCE).astype(np.int64))
        found = sha256(f"{len(self)}".encode())
        for arrays in self._taken(self.part.take(chosen)):
            for name, array in arrays.items():
                found.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return found.hexdigest()[:16]

    def ranges(self) -> tuple[dict[str, Bounds], dict[str, Bounds]]:
        """The least and greatest value of each input and target; of a first look only, where reading takes long."""
        inputs: dict[str, Bounds] = {}
        targets: dict[str, Bounds] = {}
        if len(self):
            for block in islice(self.part.blocks(LOOK), 1) if self.part.slow else self.part.blocks(ROWS):
                for found, arrays in zip((inputs, targets), self._taken(block)):
                    _widen(found, arrays)
        return inputs, targets


def _decimals(arrays: Mapping[str, Any]) -> Arrays:
    return _each(arrays, dict.fromkeys(arrays, np.float32))


def _each(arrays: Mapping[str, Any], types: Mapping[str, Any]) -> Arrays:
    return {name: np.ascontiguousarray(array, types[name]) for name, array in arrays.items()}


def _a_row(arrays: Mapping[str, Any]) -> Arrays:
    return {name: np.zeros((1, *array.shape[1:]), array.dtype) for name, array in arrays.items()}


def _widen(ranges: dict[str, Bounds], arrays: Mapping[str, Any]) -> None:
    for name, array in arrays.items():
        low, high = ranges.get(name, (inf, -inf))
        ranges[name] = min(low, float(array.min())), max(high, float(array.max()))
