"""The losses by name, and the targets that each of them wants. What they compute is `cnndsl.objectives`."""

from cnndsl.train.losses.base import Loss
from cnndsl.train.losses.decisions import BinaryCrossEntropy, CrossEntropy, Hinge, SoftCrossEntropy
from cnndsl.train.losses.numbers import AbsoluteError, Huber, SquaredError

__all__ = [
    "AbsoluteError",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Hinge",
    "Huber",
    "Loss",
    "SoftCrossEntropy",
    "SquaredError",
]
