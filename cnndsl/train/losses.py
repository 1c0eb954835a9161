"""The losses by name, and the targets that each of them wants. What they compute is a primitive of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.arrays import as_array, check_finite, check_some
from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.data import LabelRange, LabelType, TargetShape, numbers
from cnndsl.errors.training import LossDoesNotFit
from cnndsl.train.choices import Choice
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Shape = tuple[int, ...]


class Loss(Choice):
    """Base of the losses."""

    what: ClassVar[str] = "loss"
    #: the metrics that go with it unless others are asked for
    metrics: ClassVar[tuple[str, ...]] = ()
    #: whether it takes scores of classes, any numbers, and leaves a final softmax out
    logits: ClassVar[bool] = False
    #: the type of the targets as the backends take them
    dtype: ClassVar[type[np.generic]] = np.float32

    def check_output(self, name: str, shape: Shape, place: Site = NOWHERE) -> None:
        """Refuses an output that the loss cannot train. Raises CnnError (E524)."""

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        """The targets as an array that fits an output of that shape. Raises CnnError (E502 to E509)."""
        raise NotImplementedError


class CrossEntropy(Loss):
    """-log p[label], from logits: labels are whole numbers, one an example (or one a position)."""

    kind: ClassVar[str] = "cross_entropy"
    known_as: ClassVar[tuple[str, ...]] = (
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "crossentropy",
        "xent",
        "nll",
        "nll_loss",
        "log_loss",
        "softmax_loss",
    )
    metrics: ClassVar[tuple[str, ...]] = ("accuracy",)
    logits: ClassVar[bool] = True
    dtype: ClassVar[type[np.generic]] = np.int32

    def check_output(self, name: str, shape: Shape, place: Site = NOWHERE) -> None:
        if shape[-1] < 2:
            advice = 'for one number an example take loss="mse"; for two classes give the last layer 2 units'
            reason = "one class is always right"
            raise LossDoesNotFit(place, self.kind, name, str(Volume(shape)), reason, advice).error()

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        labels = as_array(name, given, words=True)
        if labels.dtype.kind not in "iu" and labels.shape[1:] == output[:-1]:
            raise LabelType(NOWHERE, name, *_described(labels), _whole(name, labels)).error()
        if labels.shape[1:] != output[:-1] or not labels.shape:
            wanted, advice = numbers(output[:-1], "whole number"), _labels(name, labels, output)
            raise TargetShape(NOWHERE, name, labels.shape, self.kind, str(Volume(output)), wanted, advice).error()
        check_some(name, labels)
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= output[-1]:
            wrong = (labels < 0) | (labels >= output[-1])
            first = int(np.argmax(wrong.reshape(len(labels), -1).any(axis=1)))
            raise LabelRange(NOWHERE, name, int(labels[wrong][0]), first, low, high, output[-1]).error()
        return labels


class SquaredError(Loss):
    """The mean of (output - target)^2: targets have the output's shape."""

    kind: ClassVar[str] = "mse"
    known_as: ClassVar[tuple[str, ...]] = ("mean_squared_error", "squared_error", "l2", "l2_loss", "mse_loss")

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        target = as_array(name, given)
        if target.shape[1:] != output or not target.shape:
            volume, advice = str(Volume(output)), _numbers(name, target, output)
            raise TargetShape(NOWHERE, name, target.shape, self.kind, volume, numbers(output), advice).error()
        check_some(name, target)
        check_finite(name, target)
        return target


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


def _labels(name: str, given: Array, output: Shape) -> str:
    """How targets of another shape become labels."""
    if given.shape[1:] == output:
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


def _numbers(name: str, given: Array, output: Shape) -> str:
    """How targets of another shape become those of a mean squared error."""
    if given.shape[1:] == output[:-1] and output[-1] == 1:
        return f"add the last axis: {name}[..., None]"
    if given.shape[1:] == output[:-1] and given.dtype.kind in "iu":
        return f'labels want loss="cross_entropy"; or make one-hot rows: numpy.eye({output[-1]})[{name}]'
    return f"give an array of shape {_shape(output)}"


def _shape(example: Shape) -> str:
    """`(N, 10)`."""
    return f"({', '.join(['N', *map(str, example)])})" if example else "(N,)"
