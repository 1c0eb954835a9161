"""Rows of images with their padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .axes import Axis, along

if TYPE_CHECKING:
    from .memory import Array


def pad(axes: tuple[Axis, ...], images: slice, rows: slice, x: Array, room: Array) -> Array:
    """The rows of the input that the output rows `rows` (of the first axis) of some images see, zeros around it.

    x is (N, …, C); `room` (images, …, C) has at least as many images and rows as are asked for.
    """
    first, *others = axes
    top = rows.start * first.stride - first.low
    span = (rows.stop - rows.start - 1) * first.stride + first.reach
    target = room[: images.stop - images.start, :span]
    frames = [(top, span, first.extent), *((-axis.low, axis.span, axis.extent) for axis in others)]
    source_parts, target_parts = [images], [slice(None)]
    for axis, (begin, length, extent) in enumerate(frames, start=1):
        low = min(max(begin, 0), begin + length)
        high = max(min(begin + length, extent), low)
        target[along(axis, slice(0, low - begin))] = 0
        target[along(axis, slice(high - begin, length))] = 0
        source_parts.append(slice(low, high))
        target_parts.append(slice(low - begin, high - begin))
    target[tuple(target_parts)] = x[tuple(source_parts)]
    return target
