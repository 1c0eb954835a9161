"""Activations over the channels of each position: softmax, log_softmax, maxout."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING, ClassVar

from cnndsl import program
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Layer, Lowering, SameSize
from cnndsl.layers.derive import Step
from cnndsl.layers.scalars import Count
from cnndsl.layers.standardize import split_channels
from cnndsl.primitives import LogSoftmax as LogSoftmaxPrimitive
from cnndsl.primitives import Reduce
from cnndsl.program import Reshape, Value
from cnndsl.volume import Volume, known

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments


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
    distributes: ClassVar[bool] = True
    between: ClassVar[Bounds] = (0.0, 1.0)
    known_as: ClassVar[tuple[str, ...]] = ("Softmax", "SoftmaxWithLoss", "Softmax2d")

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(program.Softmax(), value, shape=value.shape)


class LogSoftmax(SameSize):
    """The logarithms of softmax's probabilities, computed without taking logarithms of small numbers.

    As the last layer of a net that is trained with cross-entropy it is fused with the loss, which
    then works on the values before it.

    Equation:
        y[c] = x[c] - log(sum over k of exp(x[k]))

    Shapes:
        any volume -> the same; over the channels, at every position by itself.

    Goes wrong:
        Over one channel it is always 0. Its values are not probabilities: those are their exp.

    Example:
        net Example { input 84 ; fc(10) -> log_softmax }

    Source:
        J. Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
    """

    family: ClassVar[str] = "activation"
    distributes: ClassVar[bool] = True
    between: ClassVar[Bounds] = (-inf, 0.0)
    known_as: ClassVar[tuple[str, ...]] = ("LogSoftmax", "logsoftmax")

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(LogSoftmaxPrimitive(), value, shape=value.shape)


class Maxout(Layer):
    """The largest of each group of consecutive channels: a learned convex function of pieces.

    Of equal values the first wins and alone gets the gradient.

    Equation:
        y[c] = max over p < pieces of x[c pieces + p]

    Shapes:
        HxWxC -> HxWx(C / pieces); a vector likewise.

    Goes wrong:
        `pieces` does not divide the channels (E303).

    Example:
        net Example { input 28x28x1 ; conv(32, 5) -> maxout(2) }

    Source:
        I. Goodfellow et al., Maxout networks, 2013.
    """

    family: ClassVar[str] = "activation"
    known_as: ClassVar[tuple[str, ...]] = ("Maxout", "MaxOut")

    pieces: int = argument(Count(), 2, known_as=("num_pieces", "num_units", "k"), sample=4)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        split_channels(self.kind, "pieces", self.pieces, volume)
        channels = volume.channels
        return Volume((*volume.spatial, None if channels is None else channels // self.pieces))

    def moments(self, before: Before) -> Moments | None:
        from cnndsl.layers.moments import largest

        return largest(before.given * self.pieces)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        channels = known(inputs[0].channels)
        yield Step("channels", "C / pieces", f"{channels} / {self.pieces}", channels // self.pieces)

    def brief(self) -> str:
        return f"{self.kind} {self.pieces}"

    def detectors(self, channel: int, *inputs: Volume) -> tuple[tuple[int, int], ...]:
        return tuple((0, channel * self.pieces + piece) for piece in range(self.pieces))

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        shape = self.output(Volume(value.shape)).shape
        value = lowering.emit(Reshape(), value, shape=(*shape, self.pieces))
        return lowering.emit(Reduce("max", -1), value, shape=shape)
