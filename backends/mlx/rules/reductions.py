"""An axis reduced to one of its values, whose first cell gets the gradient."""

# ruff: noqa: ARG001  every rule is called alike

from __future__ import annotations

from itertools import pairwise

import mlx.core as mx

from cnndsl.primitives import Reduce

from .base import Array, Run, rule


@rule(Reduce, "max")
def largest(p: Reduce, run: Run, x: Array) -> Array:
    return first_largest(x, p.axis).squeeze(p.axis)


@rule(Reduce, "median")
def median(p: Reduce, run: Run, x: Array) -> Array:
    """The mean of the middle two of the finite cells, which are the same one if their number is odd."""
    order, count = mx.sort(x, axis=p.axis), (x < mx.inf).sum(axis=p.axis, keepdims=True)
    middle = mx.maximum(count - 1, 0) // 2, mx.minimum(count // 2, x.shape[p.axis] - 1)
    low, high = (holder(x, mx.take_along_axis(order, place, axis=p.axis), p.axis) for place in middle)
    return ((low + high) / 2).squeeze(p.axis)


@rule(Reduce, "mode")
def mode(p: Reduce, run: Run, x: Array) -> Array:
    """The first of the longest runs of equal finite cells in rising order."""
    order = mx.split(mx.sort(x, axis=p.axis), x.shape[p.axis], axis=p.axis)
    found, run_length = order[0], mx.ones(order[0].shape, mx.int32)
    longest = run_length
    for before, value in pairwise(order):
        run_length = mx.where(value == before, run_length + 1, 1)
        longer = mx.logical_and(run_length > longest, value < mx.inf)
        found, longest = mx.where(longer, value, found), mx.where(longer, run_length, longest)
    return holder(x, found, p.axis).squeeze(p.axis)


def cell(x: Array, place: Array, axis: int) -> Array:
    """The value at a place of the axis, which stays with extent 1."""
    return mx.take_along_axis(x, mx.stop_gradient(place), axis=axis)


def first_largest(x: Array, axis: int) -> Array:
    return cell(x, mx.argmax(x, axis=axis, keepdims=True), axis)  # of equals MLX takes the first


def holder(x: Array, value: Array, axis: int) -> Array:
    """The value again, as read from the first cell that holds it: the gradient goes there."""
    return cell(x, mx.argmax((x == value).astype(mx.int32), axis=axis, keepdims=True), axis)
