"""The cells of a window over several axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from cnndsl.record import Record

from .axes import Axis, Index


class Cell(Record):
    """One cell of a window: the outputs at `outputs` see the inputs at `inputs` through it.

    `number` counts the window's cells in reading order; outputs that see padding are left out, and
    `full` tells that there are none. The batch comes first in both indices.
    """

    number: int
    outputs: Index
    inputs: Index
    full: bool


def cells(axes: tuple[Axis, ...]) -> Iterator[Cell]:
    """The cells of a window that see anything, in reading order."""
    every = slice(None)
    for taps in product(*(axis.taps for axis in axes)):
        number = 0
        for axis, tap in zip(axes, taps):
            number = number * axis.kernel + tap.cell
        outputs, inputs = (every, *(tap.outputs for tap in taps)), (every, *(tap.inputs for tap in taps))
        yield Cell(number, outputs, inputs, all(tap.full for tap in taps))
