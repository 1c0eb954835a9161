"""Activations: a function of each value, or of each position's channels."""

from __future__ import annotations

from typing import ClassVar

from cnndsl import program
from cnndsl.layers.base import Lowering, SameSize
from cnndsl.program import Value


class Elementwise(SameSize, abstract=True):
    """Base of the kinds that apply a function without parameters to every value.

    The function has the name of the kind; backends know it as `Unary`.
    """

    family: ClassVar[str] = "activation"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(program.Unary(self.kind), value, shape=value.shape)


class Relu(Elementwise):
    """Rectified linear unit: negative values become 0.

    Equation:
        y = max(x, 0); its slope at 0 counts as 0.

    Shapes:
        any volume -> the same.

    Goes wrong:
        A unit whose inputs are always negative has no gradient and stays dead; a lower learning
        rate or batch normalization before it helps. Weights before it start with `he`.

    Example:
        net Example { input 28x28x1 ; conv(6, 5) -> relu }

    Source:
        K. Fukushima, 1969; V. Nair and G. Hinton, Rectified linear units improve restricted
        Boltzmann machines, 2010.
    """

    rectifies: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("ReLU", "rectify", "Rectifier")


class Sigmoid(Elementwise):
    """Logistic function: squashes every value into 0 to 1.

    Equation:
        y = 1 / (1 + exp(-x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        Far from 0 its slope vanishes, so deep stacks of it learn slowly.

    Example:
        net Example { input 100 ; fc(10) -> sigmoid }

    Source:
        P.-F. Verhulst, 1845; in networks: D. Rumelhart, G. Hinton and R. Williams, 1986.
    """

    known_as: ClassVar[tuple[str, ...]] = ("Sigmoid", "logistic")


class Tanh(Elementwise):
    """Hyperbolic tangent: squashes every value into -1 to 1.

    Equation:
        y = tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Shapes:
        any volume -> the same.

    Goes wrong:
        Far from 0 its slope vanishes, so deep stacks of it learn slowly.

    Example:
        net Example { input 32x32x1 ; conv(6, 5) -> tanh }

    Source:
        Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient backprop, 1998.
    """

    known_as: ClassVar[tuple[str, ...]] = ("Tanh", "TanH")


class Softmax(SameSize):
    """Probabilities: positive values that add up to 1 over the channels of each position.

    As the last layer of a net that is trained with cross-entropy it is fused with the loss, which
    then works on the values before it.

    Equation:
        y[c] = exp(x[c]) / sum over k of exp(x[k])

    Shapes:
        any volume -> the same; over the channels, at every position by itself.

    Goes wrong:
        Over one channel it is always 1. It belongs at the end; between layers it hardly learns.

    Example:
        net Example { input 84 ; fc(10) -> softmax }

    Source:
        J. Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
    """

    family: ClassVar[str] = "activation"
    known_as: ClassVar[tuple[str, ...]] = ("Softmax", "SoftmaxWithLoss", "Softmax2d")

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(program.Softmax(), value, shape=value.shape)
