"""The losses as primitives: each has its meaning here, its name, and a rule in every backend.

A loss takes what an output gives and its targets, and gives one number for each example: the mean
over the positions (labels) or over all elements (numbers as targets).
"""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnndsl.needs import Kept, Needs
from cnndsl.primitives import LogSoftmax
from cnndsl.program import Primitive, Shape, Softmax, Unary


class Objective(Primitive):
    """Base of the losses. Inputs: x and its targets; output: shape (). `loss` is its name."""

    gradient: ClassVar[Needs] = Needs(inputs=True)
    loss: ClassVar[str] = ""

    def leaves_out(self, last: Primitive) -> bool:
        """Whether it works on what the last step of an output is given, as it does that step itself."""
        return False

    def sees_through(self, before: Shape, after: Shape) -> bool:
        """Whether a change of shape behind that last step changes nothing for it: the channels must stay together."""
        return before[-1:] == after[-1:]

    def target(self, output: Shape) -> Shape:
        """The shape of one target: a label a position, or a number an element."""
        return output[:-1] if self.labels else output


class CrossEntropy(Objective):
    """Per example: w[label] (logsumexp(z) - (1 - s) z[label] - s mean(z)), averaged over positions.

    Inputs: logits z, labels (whole numbers, one per position). s is the smoothing of labels
    (C. Szegedy et al., 2016), w the weights of the classes; without any they are 1.
    """

    labels: ClassVar[tuple[int, ...]] = (1,)
    loss: ClassVar[str] = "cross_entropy"

    smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()

    def leaves_out(self, last: Primitive) -> bool:
        return isinstance(last, Softmax | LogSoftmax)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("shares of the classes", prod(inputs[0])),)


class SoftCrossEntropy(Objective):
    """Per example: logsumexp(z) sum(q) - sum of q z, averaged over positions. Inputs: logits z, shares q like z."""

    loss: ClassVar[str] = "soft_cross_entropy"

    def leaves_out(self, last: Primitive) -> bool:
        return isinstance(last, Softmax | LogSoftmax)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("shares of the classes", prod(inputs[0])),)


class BinaryCrossEntropy(Objective):
    """Per example: the mean of p t softplus(-z) + (1 - t) softplus(z).

    Inputs: logits z, targets t from 0 to 1 of the same shape. p is the weight of what is 1. The
    logarithm of the sigmoid is never taken of a rounded 0.
    """

    loss: ClassVar[str] = "binary_cross_entropy"

    positive_weight: float = 1.0

    def leaves_out(self, last: Primitive) -> bool:
        return isinstance(last, Unary) and last.decides

    def sees_through(self, before: Shape, after: Shape) -> bool:
        return True


class Hinge(Objective):
    """The multiclass hinge: the sum over c != label of max(0, z[c] - z[label] + margin), averaged over positions.

    (J. Weston and C. Watkins, 1999.) Inputs: scores z, labels. With one channel it is the binary
    hinge max(0, margin - t z), t = 1 for the label 1 and -1 for 0. At the kink the gradient is 0.
    """

    labels: ClassVar[tuple[int, ...]] = (1,)
    loss: ClassVar[str] = "hinge"

    margin: float = 1.0

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("slopes", prod(inputs[0])),)


class SquaredError(Objective):
    """Per example: the mean of (x - target)^2. Inputs: x, target of the same shape."""

    loss: ClassVar[str] = "mse"


class AbsoluteError(Objective):
    """Per example: the mean of |x - target|; the gradient is 0 where they are equal."""

    loss: ClassVar[str] = "mae"


class Huber(Objective):
    """Per example: the mean of d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), for d = x - target.

    P. Huber, Robust estimation of a location parameter, 1964.
    """

    loss: ClassVar[str] = "huber"

    delta: float = 1.0


OBJECTIVES: dict[str, type[Objective]] = {kind.loss: kind for kind in Objective.__subclasses__()}
