"""Buffers and where they lie: arrays that are not alive at the same time share one piece of memory."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Array = NDArray[Any]

ALIGNMENT = 64  # bytes: a cache line, and the widest vector register


class Buffer:
    """An array that a plan asked for, alive from time `first` to `last`; `array` exists once it is placed.

    A buffer made by `view` is the same memory with another shape. `role` and `path` say what it is for.
    `views` are those that rules have made of the array, by what made them.
    """

    __slots__ = ("array", "dtype", "first", "last", "offset", "path", "role", "root", "shape", "views")

    array: Array
    root: Buffer

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: Any,
        first: int,
        last: int,
        root: Buffer | None = None,
        role: str = "",
        path: str = "",
    ) -> None:
        self.shape = shape
        self.role, self.path = role, path
        self.dtype = np.dtype(dtype)
        self.first = first
        self.last = last
        self.offset = 0
        self.views: dict[object, Any] = {}
        self.root = self if root is None else root.root

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """What it takes in the arena: whole cache lines."""
        lines: int = -(-self.size * self.dtype.itemsize // ALIGNMENT)
        return lines * ALIGNMENT

    def until(self, time: int) -> None:
        """Keeps the memory alive at least to `time`."""
        self.root.last = max(self.root.last, time)

    def view(self, shape: tuple[int, ...]) -> Buffer:
        """The same memory as an array of another shape with as many elements."""
        return Buffer(shape, self.dtype, self.first, self.last, self)


def fixed(array: Array) -> Buffer:
    """A buffer that is an array of its own and lies in no arena."""
    buffer = Buffer(array.shape, array.dtype, 0, 0)
    buffer.array = array
    return buffer


def place(buffers: Iterable[Buffer]) -> int:
    """Gives every buffer an offset so that no two alive together overlap; returns the bytes in all.

    Largest first, each at the lowest gap that holds it: "greedy by size" (Y. Pisarchyk and J. Lee,
    Efficient memory management for deep neural net inference, 2020).
    """
    roots = sorted((b for b in buffers if b.root is b), key=lambda b: (-b.bytes, b.first))
    lives = np.array([(b.first, b.last) for b in roots], np.int64).reshape(-1, 2)
    spans = np.zeros((len(roots), 2), np.int64)  # offset and end of those placed so far
    for i, buffer in enumerate(roots):
        together = (lives[:i, 0] <= buffer.last) & (lives[:i, 1] >= buffer.first)
        taken = spans[:i][together]
        buffer.offset = _lowest_gap(taken[np.argsort(taken[:, 0], kind="stable")].tolist(), buffer.bytes)
        spans[i] = buffer.offset, buffer.offset + buffer.bytes
    return int(spans[:, 1].max(initial=0))


def _lowest_gap(taken: list[list[int]], size: int) -> int:
    end = 0
    for start, stop in taken:
        if start - end >= size:
            break
        end = max(end, stop)
    return end


def arena(size: int) -> Array:
    """Bytes that begin at a cache line."""
    room = np.empty(size + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    return room[start : start + size]


def bind(buffers: Iterable[Buffer], room: Array) -> None:
    """Makes the arrays of placed buffers, as views of an arena."""
    for buffer in buffers:
        start = buffer.root.offset
        part = room[start : start + buffer.size * buffer.dtype.itemsize]
        buffer.array = part.view(buffer.dtype).reshape(buffer.shape)
        buffer.views = {}
