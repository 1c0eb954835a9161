"""Rows of images with their padding."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .axes import Axis, along
from .calls import run
from .copying import copy

if TYPE_CHECKING:
    from .calls import Call
    from .memory import Array


def pad(axes: tuple[Axis, ...], images: slice, rows: slice, x: Array, room: Array) -> Array:
    """The rows that `frame` is to write, written."""
    target, calls = frame(axes, images, rows, x, room)
    run(calls)
    return target


def frame(axes: tuple[Axis, ...], images: slice, rows: slice, x: Array, room: Array) -> tuple[Array, list[Call]]:
    """The rows of the input that the output rows `rows` (of the first axis) of some images see, zeros around it.

    x is (N, …, C); `room` (images, …, C) has at least as many images and rows as are asked for.
    The calls write them.
    """
    first, *others = axes
    top = rows.start * first.stride - first.low
    span = (rows.stop - rows.start - 1) * first.stride + first.reach
    target = room[: images.stop - images.start, :span]
    frames = [(top, span, first.extent), *((-axis.low, axis.span, axis.extent) for axis in others)]
    calls: list[Call] = []
    source_parts, target_parts = [images], [slice(None)]
    for axis, (begin, length, extent) in enumerate(frames, start=1):
        low = min(max(begin, 0), begin + length)
        high = max(min(begin + length, extent), low)
        borders = slice(0, low - begin), slice(high - begin, length)
        calls += [partial(target[along(axis, each)].fill, 0) for each in borders if each.start < each.stop]
        source_parts.append(slice(low, high))
        target_parts.append(slice(low - begin, high - begin))
    calls.append(copy(target[tuple(target_parts)], x[tuple(source_parts)]))
    return target, calls
