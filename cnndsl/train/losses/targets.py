"""What is checked of targets, by what a loss wants: labels, numbers like the output, numbers from 0 to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.arrays import as_array, check_finite, check_some
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.data import LabelRange, LabelType, TargetShape
from cnndsl.errors.data import numbers as counted
from cnndsl.errors.training import TargetRange
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Shape = tuple[int, ...]


def labels(loss: str, name: str, given: Any, output: Shape) -> Array:
    """Whole numbers, one a position, of the classes that an output tells apart: its channels, two for one channel.

    For one channel -1 and 1 are taken for 0 and 1. Raises CnnError (E502, E506 to E509).
    """
    found = as_array(name, given, words=True)
    if found.dtype.kind not in "iu" and found.shape[1:] == output[:-1]:
        raise LabelType(NOWHERE, name, loss, *_described(found), _whole(name, found)).error()
    if found.shape[1:] != output[:-1] or not found.shape:
        wanted, advice = counted(output[:-1], "whole number"), _as_labels(name, found, output)
        raise TargetShape(NOWHERE, name, found.shape, loss, str(Volume(output)), wanted, advice).error()
    check_some(name, found)
    classes, low, high = max(output[-1], 2), int(found.min()), int(found.max())
    if output[-1] == 1 and low == -1 and not np.any(found == 0):
        return np.maximum(found, 0)
    if low < 0 or high >= classes:
        wrong = (found < 0) | (found >= classes)
        first = int(np.argmax(wrong.reshape(len(found), -1).any(axis=1)))
        raise LabelRange(NOWHERE, name, int(found[wrong][0]), first, low, high, classes).error()
    return found


def numbers(loss: str, name: str, given: Any, output: Shape) -> Array:
    """Finite numbers, an array like the output. Raises CnnError (E502, E504, E506, E507)."""
    found = as_array(name, given)
    if found.shape[1:] != output or not found.shape:
        volume, advice = str(Volume(output)), _like_output(name, found, output)
        raise TargetShape(NOWHERE, name, found.shape, loss, volume, counted(output), advice).error()
    check_some(name, found)
    check_finite(name, found)
    return found


def within(loss: str, name: str, found: Array) -> Array:
    """Refuses numbers below 0 or above 1. Raises CnnError (E533)."""
    low, high = float(found.min()), float(found.max())
    if low < 0 or high > 1:
        raise TargetRange(NOWHERE, name, loss, low, high).error()
    return found


def _described(labels: Array) -> tuple[str, str]:
    """The type and one value of labels that are no whole numbers, an uneven one if there is any."""
    if labels.dtype.kind == "f":
        uneven = labels[labels != np.floor(labels)]
        return str(labels.dtype), " ".join(f"{value:g}" for value in (*uneven[:1], *labels.flat[:1])[:1])
    return "text" if labels.dtype.kind in "US" else str(labels.dtype), " ".join(map(repr, labels.flat[:1].tolist()))


def _whole(name: str, labels: Array) -> str:
    """How such labels become whole numbers."""
    if labels.dtype.kind in "US":
        return f"number the names: class_names, {name} = numpy.unique({name}, return_inverse=True)"
    if labels.dtype.kind == "b" or bool((labels == np.floor(labels)).all()):
        return f"{name}.astype(int)"
    return 'if these are measurements, not classes, take loss="mse"'


def _as_labels(name: str, given: Array, output: Shape) -> str:
    """How targets of another shape become labels."""
    if given.shape[1:] == output and output[-1] > 1:
        return f"for one-hot rows or probabilities: {name}.argmax(axis=-1)"
    if given.shape[1:] == (*output[:-1], 1):
        return f"drop the last axis: {name}[..., 0]"
    if len(output) == 1 and given.ndim == 2:
        columns = given.shape[1]
        return f"for one-hot rows of {columns} classes: {name}.argmax(axis=-1), and {columns} units in the last layer"
    if len(output) > 1 and given.ndim == 1:
        there = f"the output keeps {Volume(output[:-1])} positions"
        return f"{there}: for one label an example end the net with global_avgpool, or with flatten and fc"
    return f"give an array of shape {_shape(output[:-1])}, whole numbers below {output[-1]}"


def _like_output(name: str, given: Array, output: Shape) -> str:
    """How targets of another shape become numbers like the output."""
    if given.shape[1:] == output[:-1] and output[-1] == 1:
        return f"add the last axis: {name}[..., None]"
    if given.shape[1:] == output[:-1] and given.dtype.kind in "iu":
        return f'labels want loss="cross_entropy"; or make one-hot rows: numpy.eye({output[-1]})[{name}]'
    return f"give an array of shape {_shape(output)}"


def _shape(example: Shape) -> str:
    """`(N, 10)`."""
    return f"({', '.join(['N', *map(str, example)])})" if example else "(N,)"
