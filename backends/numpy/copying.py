"""Short runs of numbers: copied as one element each, as NumPy's loop over a run costs more than what it moves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .calls import Call
    from .memory import Array

LONG = 256  # numbers of a run from which on it is copied number by number
SHORT = 64  # of less than which it is better brought together before it is added


def copy(target: Array, source: Array) -> Call:
    """The call that copies, short runs that lie densely in both arrays as one element each."""
    length, axes = _run(target, source)
    if not 1 < length < LONG or not axes or target.dtype != source.dtype:
        return partial(np.copyto, target, source)
    kind = f"V{length * target.itemsize}"
    one, other = (array.reshape(*array.shape[:axes], length).view(kind)[..., 0] for array in (target, source))
    return partial(np.copyto, one, other)


def add(target: Array, part: Array, room: Array) -> None:
    """Adds to `target`; what lies in shorter runs than it goes through `room`, if that is large enough."""
    length, _ = _run(part)
    if length < SHORT and part.size <= room.size and _run(target)[0] > length:
        near = room[: part.size].reshape(part.shape)
        copy(near, part)()
        part = near
    np.add(target, part, out=target)


def _run(*arrays: Array) -> tuple[int, int]:
    """How many numbers lie densely at the end of arrays of one shape, not far beyond `LONG`; the axes before them."""
    length, axes, shape = 1, arrays[0].ndim, arrays[0].shape
    while axes and length < LONG and all(array.strides[axes - 1] == length * array.itemsize for array in arrays):
        axes -= 1
        length *= shape[axes]
    return length, axes
