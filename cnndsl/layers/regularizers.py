"""Regularizers: noise while training, the identity otherwise."""

from __future__ import annotations

from typing import ClassVar

from cnndsl import program
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Lowering, SameSize
from cnndsl.layers.scalars import Real
from cnndsl.program import Value


class Dropout(SameSize):
    """While training, sets each value to 0 with probability `rate` and scales the rest up.

    The mask follows from the seed, the layer's path and the step, so it is the same in every
    backend and does not change when another layer is added.

    Equation:
        training: y = x m / (1 - rate), with m = 0 or 1 at random, P(m = 0) = rate; otherwise y = x

    Shapes:
        any volume -> the same.

    Goes wrong:
        A rate of 1 would drop everything: it is below 1.

    Example:
        net Example { input 256 ; fc(4096) -> relu -> dropout(0.5) }

    Source:
        G. Hinton et al., Improving neural networks by preventing co-adaptation of feature
        detectors, 2012; N. Srivastava et al., 2014.
    """

    family: ClassVar[str] = "regularizer"
    known_as: ClassVar[tuple[str, ...]] = ("Dropout", "AlphaDropout")

    rate: float = argument(
        Real(0, 1, open_maximum=True), 0.5, known_as=("p", "prob", "drop_prob", "dropout_ratio", "drop_rate")
    )

    def brief(self) -> str:
        return f"{self.kind} {self.rate:g}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        if self.rate == 0:
            return value
        return lowering.emit(program.Dropout(self.rate, lowering.stream()), value, shape=value.shape)
