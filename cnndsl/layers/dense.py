"""fc: every unit sees the whole input."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.values import OpenExtent
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Layer, Lowering, Weights, bias_weights
from cnndsl.layers.derive import MACS, UNSHARED, Step, product
from cnndsl.layers.scalars import Count, FlagOrNumber
from cnndsl.program import Dense, Reshape, Start, Value
from cnndsl.volume import Volume


class Fc(Layer):
    """Fully connected layer: each unit has a weight for every value of the input.

    A volume with spatial axes is flattened first, in the order H, W, C.

    Equation:
        y[u] = bias[u] + sum over i of weight[u, i] x[i]

    Shapes:
        any volume of n values -> units; weight (units, n), bias (units).

    Goes wrong:
        The input has an extent that is not fixed (`?`), so the number of weights is not known
        (E225): fix the input's size, or pool to 1x1 before.

    Example:
        net Example { input 5x5x16 ; flatten ; fc(120) -> relu ; fc(10) -> softmax }

    Source:
        F. Rosenblatt, The perceptron, 1958; D. Rumelhart, G. Hinton and R. Williams, Learning
        representations by back-propagating errors, 1986.
    """

    family: ClassVar[str] = "dense"
    learns: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    sized: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "Linear", "linear", "Dense", "dense", "InnerProduct", "FullyConnected", "fully_connected",
    )  # fmt: skip

    units: int = argument(Count(), known_as=("out_features", "output_dims", "num_output", "output_dim"), sample=4)
    bias: bool | float = argument(FlagOrNumber(), True, known_as=("use_bias", "bias_term"))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        if not volume.fixed:
            raise Refused(OpenExtent(NOWHERE, what=f"`{self.kind}`", volume=str(volume)))
        return Volume((self.units,))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        count = prod(volume.shape)
        weight = Weights("weight", (self.units, count), Start("auto", fan_in=count, fan_out=self.units))
        return (weight, *bias_weights(self.bias, self.units))

    def macs(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return prod(volume.shape) * self.units

    def reads(self, *inputs: Volume) -> int:
        return self.macs(*inputs)

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        count = prod(volume.shape)
        yield product("weights", [("inputs", count), ("units", self.units)], count * self.units)
        if self.bias is not False:
            yield product("biases", [("units", self.units)], self.units)

    def unsharing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step(UNSHARED, "nothing is shared", "", self.unshared(*inputs))

    def working(self, *inputs: Volume) -> Iterable[Step]:
        yield Step(MACS, "weights", "", self.macs(*inputs))

    def brief(self) -> str:
        return f"{self.kind} {self.units}"

    def absorbed(self, before: Layer, volume: Volume) -> int | None:
        return None if volume.elements is None else volume.elements * self.units

    def flattens(self, volume: Volume) -> bool:
        return volume.rank > 0

    def remark(self, *inputs: Volume) -> str:
        (volume,) = inputs
        return f"flattens {volume}" if self.flattens(volume) else ""

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        if len(value.shape) > 1:
            value = lowering.emit(Reshape(), value, shape=(prod(value.shape),))
        bias = None if self.bias is False else lowering.name("bias")
        return lowering.emit(Dense(lowering.name("weight"), bias), value, shape=(self.units,))
