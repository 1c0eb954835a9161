"""Losses that measure how far the output is from numbers: targets of the output's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cnndsl import objectives
from cnndsl.layers.base import ANYTHING, Bounds
from cnndsl.train.limits import POSITIVE
from cnndsl.train.losses.base import Loss, Shape
from cnndsl.train.losses.targets import numbers
from cnndsl.train.metrics.reading import Reading

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


class Distance(Loss):
    """Base of the losses for numbers."""

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        return numbers(self.kind, name, given, output)


class SquaredError(Distance):
    """The mean of (output - target)^2: targets have the output's shape."""

    kind: ClassVar[str] = "mse"
    known_as: ClassVar[tuple[str, ...]] = (
        "mean_squared_error",
        "MeanSquaredError",
        "squared_error",
        "MSELoss",
        "EuclideanLoss",
        "l2",
        "l2_loss",
        "mse_loss",
    )
    primitive: ClassVar[type[objectives.Objective]] = objectives.SquaredError

    def reading(self, shape: Shape, bounds: Bounds = ANYTHING) -> Reading:
        return Reading(shape[-1])


class AbsoluteError(Distance):
    """The mean of |output - target|: a mistake twice as large weighs twice as much, not four times."""

    kind: ClassVar[str] = "mae"
    known_as: ClassVar[tuple[str, ...]] = (
        "mean_absolute_error",
        "MeanAbsoluteError",
        "absolute_error",
        "L1Loss",
        "l1",
        "l1_loss",
    )
    primitive: ClassVar[type[objectives.Objective]] = objectives.AbsoluteError


class Huber(Distance):
    """The mean of d^2 / 2 for |d| <= delta, else delta (|d| - delta / 2), d = output - target (P. Huber, 1964)."""

    kind: ClassVar[str] = "huber"
    known_as: ClassVar[tuple[str, ...]] = ("HuberLoss", "huber_loss", "smooth_l1", "SmoothL1Loss", "smooth_l1_loss")
    primitive: ClassVar[type[objectives.Objective]] = objectives.Huber
    checks: ClassVar[dict[str, Any]] = {"delta": (POSITIVE, 1.0)}

    delta: float = 1.0
