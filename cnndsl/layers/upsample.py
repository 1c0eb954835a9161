"""upsample: more cells without learning them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, ClassVar

from cnndsl.layers import derive
from cnndsl.layers.arguments import argument, show_value
from cnndsl.layers.axes import Extents
from cnndsl.layers.base import Bounds, Layer, Lowering
from cnndsl.layers.derive import Step
from cnndsl.layers.links import Between, Nearest, Sight, sight
from cnndsl.layers.reach import one_of, reach
from cnndsl.layers.scalars import Optional, Target, Word
from cnndsl.layers.window import PerAxis, per_axis
from cnndsl.primitives import Resize
from cnndsl.program import Value
from cnndsl.volume import Volume, known


class Upsample(Layer):
    """More cells: each one repeated, or straight lines between them; by a factor, or to the size of another volume.

    Followed by a convolution it does what `deconv` does, without a checkerboard.

    Equation:
        nearest: y[i] = x[floor(i W / W2)]; linear: x at (i + 0.5) W / W2 - 0.5, between its two
        neighbours, clamped at the border (the middles of the cells are aligned), on each axis

    Shapes:
        HxWxC -> (H factor)x(W factor)xC, or with `to` the other volume's height and width

    Goes wrong:
        The other volume is smaller, or has other axes (E311); both `factor` and `to`, or none of
        them (E228). Frameworks differ in what they align: PyTorch's `align_corners=False` is this.

    Example:
        net Example { input 14x14x64 ; upsample(2) -> conv(32, 3, pad=1) }

    Source:
        A. Odena, V. Dumoulin and C. Olah, Deconvolution and checkerboard artifacts, 2016; T.-Y. Lin
        et al., Feature pyramid networks for object detection, 2016.
    """

    family: ClassVar[str] = "shape"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "UpSampling1D", "UpSampling2D", "UpSampling3D", "Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d",
        "interpolate", "resize", "unpool",
    )  # fmt: skip

    factor: PerAxis | None = argument(Optional(Extents()), None, known_as=("scale_factor", "scale"))
    mode: str = argument(Word(("nearest", "linear")), "nearest", known_as=("interpolation", "method"))
    to: Volume | None = argument(Optional(Target(larger=True)), None, known_as=("size", "like", "target"))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        one_of(self, ("factor", "to"), ("upsample(2)", "upsample(to=LABEL)"))
        if self.to is not None:
            return reach(self.kind, volume, self.to, larger=True)
        factors = per_axis(self.kind, "factor", self.factor or 1, volume)
        extents = (
            None if extent is None else extent * factor for extent, factor in zip(volume.spatial, factors, strict=True)
        )
        return Volume((*extents, volume.channels))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        if self.to is not None:
            return [Step("output", f"the extents of the other volume, {self.to}")]
        factors = per_axis(self.kind, "factor", self.factor or 1, volume)
        axes = zip(volume.shape, factors, strict=False)
        return derive.by_axis([("W factor", f"{extent} x {factor}", extent * factor) for extent, factor in axes])

    def beside(self, tool: str, *inputs: Volume) -> int:
        """fvcore counts 4 for a value that is interpolated, 1 for one that is copied; on images only."""
        if tool != "fvcore" or inputs[0].rank != 2:
            return 0
        return prod(self.output(*inputs).shape) * (4 if self.mode == "linear" else 1)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        (volume,) = inputs
        scaled = Between if self.mode == "linear" else Nearest
        axes = zip(volume.spatial, output.spatial, self._ratios(volume, output), strict=True)
        return (sight(*(scaled(extent, to, 0, *ratio) for extent, to, ratio in axes)),)

    def _ratios(self, volume: Volume, output: Volume) -> Iterator[tuple[int, int]]:
        """For each axis so many cells and so many positions instead."""
        if self.to is None:
            return ((1, factor) for factor in per_axis(self.kind, "factor", self.factor or 1, volume))
        return zip(map(known, volume.spatial), map(known, output.spatial), strict=True)

    def brief(self) -> str:
        if self.to is None:
            return f"{self.kind} {show_value(self.factor)}"
        return f"{self.kind} to {Volume(self.to.spatial)}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(Resize(self.mode), value, shape=self.output(Volume(value.shape)).shape)

    @classmethod
    def sample_calls(cls, rank: int) -> tuple[dict[str, Any], ...]:
        return tuple({name: cls.arguments[name].samples(rank)[0]} for name in ("factor", "to"))
