"""Losses that tell classes apart: their targets are labels, or a number from 0 to 1 for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl import objectives
from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.training import LossDoesNotFit
from cnndsl.layers.base import ANYTHING, Bounds
from cnndsl.train.limits import AT_LEAST_ZERO, FRACTION, POSITIVE, Each
from cnndsl.train.losses.base import Loss, Shape
from cnndsl.train.losses.targets import labels, numbers, within
from cnndsl.train.metrics.reading import Reading
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


class Classes(Loss):
    """Base of the losses for one class of several."""

    takes: ClassVar[str] = "classes"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy",)

    def check_output(self, name: str, shape: Shape, place: Site = NOWHERE) -> None:
        if shape[-1] < 2:
            advice = (
                'for one number an example take loss="mse", for yes or no loss="binary_cross_entropy"; '
                "for two classes give the last layer 2 units"
            )
            reason = "one class is always right"
            raise LossDoesNotFit(place, self.kind, name, str(Volume(shape)), reason, advice).error()

    def reading(self, shape: Shape, bounds: Bounds = ANYTHING) -> Reading:
        return Reading(shape[-1])


class CrossEntropy(Classes):
    """-log p[label], from logits: labels are whole numbers, one an example (or one a position).

    `smoothing` s takes 1 - s of the label and s shared by all classes for what should be
    (C. Szegedy et al., 2016). `class_weights` are multiplied to the loss of each example, a number for
    each class; the mean is over the examples, as in Keras (PyTorch divides by the sum of the weights).
    """

    kind: ClassVar[str] = "cross_entropy"
    known_as: ClassVar[tuple[str, ...]] = (
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        "CategoricalCrossentropy",
        "CrossEntropyLoss",
        "crossentropy",
        "xent",
        "nll",
        "nll_loss",
        "NLLLoss",
        "log_loss",
        "softmax_loss",
        "SoftmaxWithLoss",
    )
    primitive: ClassVar[type[objectives.Objective]] = objectives.CrossEntropy
    dtype: ClassVar[type[np.generic]] = np.int32
    checks: ClassVar[dict[str, Any]] = {
        "smoothing": (FRACTION, 0.1),
        "class_weights": (Each(AT_LEAST_ZERO), (1.0, 2.5)),
    }

    smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()

    def check_output(self, name: str, shape: Shape, place: Site = NOWHERE) -> None:
        super().check_output(name, shape, place)
        if len(self.class_weights) not in (0, shape[-1]):
            reason = f"there are {len(self.class_weights)} class weights for {shape[-1]} classes"
            advice = f"give class_weights {shape[-1]} numbers, one for each class"
            raise LossDoesNotFit(place, self.kind, name, str(Volume(shape)), reason, advice).error()

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        return labels(self.kind, name, given, output)


class SoftCrossEntropy(Classes):
    """-sum of q log p, from logits: targets are the shares q of the classes, from 0 to 1, like the output.

    For one-hot rows and for mixtures of examples (H. Zhang et al., mixup, 2018).
    """

    kind: ClassVar[str] = "soft_cross_entropy"
    known_as: ClassVar[tuple[str, ...]] = ("soft_target_cross_entropy", "SoftTargetCrossEntropy", "kl_div")
    primitive: ClassVar[type[objectives.Objective]] = objectives.SoftCrossEntropy

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        return within(self.kind, name, numbers(self.kind, name, given, output))


class BinaryCrossEntropy(Loss):
    """Yes or no for every number of the output by itself, from logits: targets from 0 to 1, like the output.

    A final sigmoid is left out, as it is part of the loss. `positive_weight` is multiplied to the loss of
    what is 1, where that is rare.
    """

    kind: ClassVar[str] = "binary_cross_entropy"
    known_as: ClassVar[tuple[str, ...]] = (
        "binary_crossentropy",
        "BinaryCrossentropy",
        "bce",
        "BCELoss",
        "bce_with_logits",
        "BCEWithLogitsLoss",
        "sigmoid_cross_entropy",
        "SigmoidCrossEntropyLoss",
    )
    takes: ClassVar[str] = "decisions"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy",)
    primitive: ClassVar[type[objectives.Objective]] = objectives.BinaryCrossEntropy
    checks: ClassVar[dict[str, Any]] = {"positive_weight": (POSITIVE, 10.0)}

    positive_weight: float = 1.0

    def reading(self, shape: Shape, bounds: Bounds = ANYTHING) -> Reading:
        """A yes from a chance of one half on: 0.5 behind a sigmoid, else a score of 0."""
        return Reading(shape[-1], shape[-1] > 1, 0.5 if bounds == (0, 1) else 0.0)

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        return within(self.kind, name, numbers(self.kind, name, given, output))


class Hinge(Loss):
    """The sum over the other classes of max(0, score - score of the label + margin): a support vector machine's.

    Labels are whole numbers (J. Weston and C. Watkins, 1999). With one channel it is the binary
    hinge max(0, margin - t score): labels 0 and 1, or -1 and 1.
    """

    kind: ClassVar[str] = "hinge"
    known_as: ClassVar[tuple[str, ...]] = (
        "categorical_hinge",
        "CategoricalHinge",
        "svm",
        "svm_loss",
        "MultiMarginLoss",
        "multi_margin_loss",
        "HingeEmbeddingLoss",
        "HingeLoss",
    )
    takes: ClassVar[str] = "scores"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy",)
    primitive: ClassVar[type[objectives.Objective]] = objectives.Hinge
    dtype: ClassVar[type[np.generic]] = np.int32
    checks: ClassVar[dict[str, Any]] = {"margin": (POSITIVE, 1.0)}

    margin: float = 1.0

    def reading(self, shape: Shape, bounds: Bounds = ANYTHING) -> Reading:
        return Reading(shape[-1], threshold=0.0)

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        return labels(self.kind, name, given, output)
