"""rbf: units that measure how far their input is from a prototype."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, prod
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.given import GivenMisfit
from cnndsl.errors.shapes import WrongRank
from cnndsl.errors.values import MissingArgument, OpenExtent
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Extents, Padding
from cnndsl.layers.base import Bounds, Layer, Lowering, Weights
from cnndsl.layers.derive import MACS, Step, product
from cnndsl.layers.patches import patches
from cnndsl.layers.scalars import Count, Optional, Real
from cnndsl.layers.tables import Numbers, Table
from cnndsl.layers.window import PerAxis, Window, brief_window, windows
from cnndsl.primitives import SquaredDistance
from cnndsl.program import Reshape, Start, Unary, Value
from cnndsl.volume import Volume, known


class Rbf(Layer):
    """Radial basis functions: the squared distance of the input to each unit's prototype.

    With a kernel it slides over the input like a convolution; without one a volume with spatial
    axes is flattened first. With `beta` it gives exp(-beta d^2), 1 where the input equals the
    prototype. `weights=` gives the prototypes, a row for each unit; they are not trained unless
    `freeze=false` says so, and count as constants.

    Equation:
        d2[u] = sum over i of (x[i] - weight[u, i])^2; y = d2, or exp(-beta d2)

    Shapes:
        any volume of n values -> units, weight (units, n); with a kernel HxWxC -> H2xW2xunits as a
        convolution, weight (units, F*F*C), in the order of rows, columns, channels.

    Goes wrong:
        The input has an extent that is not fixed and there is no kernel (E225); the prototypes that
        are given have another shape (E315). A distance is small for the right class: LeNet-5's
        output is not a logit.

    Example:
        net Example { input 84 ; rbf(10) }

    Source:
        D. Broomhead and D. Lowe, Multivariable functional interpolation and adaptive networks,
        1988; Y. LeCun et al., Gradient-based learning applied to document recognition, 1998;
        T. Serre et al., Robust object recognition with cortex-like mechanisms, 2007.
    """

    family: ClassVar[str] = "dense"
    learns: ClassVar[bool] = True
    sized: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("RBF", "RBFLayer", "radial_basis", "prototype", "cdist")

    units: int = argument(Count(), known_as=("out_features", "num_output", "filters"), sample=3)
    kernel: PerAxis | None = argument(Optional(Extents()), None, letter="F", known_as=("kernel_size",))
    stride: PerAxis = argument(Extents(), 1, letter="S", known_as=("strides",))
    pad: Any = argument(Padding(), 0, letter="P", known_as=("padding",))
    beta: float | None = argument(Optional(Real(0, open_minimum=True)), None, known_as=("gamma",))
    weights: Table | None = argument(Optional(Numbers()), None, known_as=("centers", "prototypes", "weight"))

    @property
    def given(self) -> bool:
        return self.weights is not None

    @property
    def gathers(self) -> str:
        return "distance"

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        if self.kernel is None:
            return ()
        return windows(self.kind, volume, self.kernel, self.stride, self.pad)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        self._check_kernel(volume)
        found = self.windows(volume)
        if not found and not volume.fixed:
            raise Refused(OpenExtent(NOWHERE, what=f"`{self.kind}`", volume=str(volume)))
        if self.weights is not None and volume.channels is not None:
            self._check(self.weights, volume)
        return Volume((*(window.output for window in found), self.units))

    def _check_kernel(self, volume: Volume) -> None:
        """A kernel needs axes to slide over; a stride and padding need a kernel."""
        if self.kernel is not None and not volume.rank:
            raise Refused(WrongRank(NOWHERE, layer=f"{self.kind} with a kernel", volume=volume, ranks=(1, 2, 3)))
        if self.kernel is None and (self.stride != 1 or self.pad != 0):
            raise Refused(MissingArgument(NOWHERE, self.kind, ("kernel",), self.signature()))

    def _check(self, given: Table, volume: Volume) -> None:
        count = self._count(volume)
        if given.extents[0] != self.units or prod(given.extents[1:]) != count:
            shown = "x".join(map(str, given.extents))
            needs = f"and there are {self.units} units with {count} inputs each"
            advice = f"give {self.units} rows of {count} numbers"
            raise Refused(GivenMisfit(NOWHERE, self.kind, f"a table of {shown}", needs, advice))

    def _count(self, volume: Volume) -> int:
        """The inputs of a unit."""
        found = self.windows(volume)
        return prod(window.kernel for window in found) * known(volume.channels) if found else prod(volume.shape)

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        count = self._count(volume)
        if self.weights is not None:
            start = Start("given", 0.0, count, self.units, self.weights.numbers)
            return (Weights("weight", (self.units, count), start, "constant"),)
        return (Weights("weight", (self.units, count), Start("auto", fan_in=count, fan_out=self.units)),)

    def macs(self, *inputs: Volume) -> int:
        (volume,) = inputs
        return self.units * self._count(volume) * prod(self.output(volume).shape[:-1])

    def reads(self, *inputs: Volume) -> int:
        return self.macs(*inputs)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        return derive.slid(self.windows(*inputs))

    def weighing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        found = self.windows(volume)
        window = derive.kernel([window.kernel for window in found]) if found else []
        inputs_of_one = [*window, derive.depth(volume, 1)] if found else [("inputs", self._count(volume))]
        yield product("prototypes", [*inputs_of_one, ("units", self.units)], self.units * self._count(volume))

    def working(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        values = self.units * self._count(volume)
        yield product(MACS, [("prototypes", values), *derive.spatial(self.output(volume), "2")], self.macs(volume))

    @classmethod
    def sample_calls(cls, rank: int) -> tuple[dict[str, Any], ...]:
        (plain,) = super().sample_calls(rank)
        count = prod(cls.sample_input(rank).shape)
        table = Table((3, count), tuple(place % 7 / 4 for place in range(3 * count)))
        sliding = ({**plain, "kernel": 2, "stride": 1, "pad": 0},) if rank else ()
        return plain, {**plain, "weights": table}, *sliding

    def brief(self) -> str:
        return f"{self.kind} {self.units}" if self.kernel is None else brief_window(self.kind, self.kernel, self.stride)

    def flattens(self, volume: Volume) -> bool:
        return volume.rank > 0 and self.kernel is None

    def remark(self, *inputs: Volume) -> str:
        (volume,) = inputs
        return f"flattens {volume}" if self.flattens(volume) else ""

    def bounds(self, *given: Bounds) -> Bounds:
        return (0.0, inf) if self.beta is None else (0.0, 1.0)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        shape = self.output(volume).shape
        found = self.windows(volume)
        if found:
            value = patches(lowering, value, found)
        if found or volume.rank:
            value = lowering.emit(Reshape(), value, shape=(*shape[:-1], self._count(volume)))
        value = lowering.emit(SquaredDistance(lowering.name("weight")), value, shape=shape)
        if self.beta is None:
            return value
        value = lowering.emit(Unary("multiply", (-self.beta,)), value, shape=shape)
        return lowering.emit(Unary("exp"), value, shape=shape)
