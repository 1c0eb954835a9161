"""Cells around the border: pad adds them, crop takes them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from cnndsl import primitives
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.sizes import NothingLeft, TooWide
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument, show_value
from cnndsl.layers.axes import Amounts
from cnndsl.layers.base import Bounds, Layer, Lowering, hull
from cnndsl.layers.derive import Step
from cnndsl.layers.links import Bordered, Sight, Taps, sight
from cnndsl.layers.reach import one_of, reach
from cnndsl.layers.scalars import Optional, RealOrWord, Target
from cnndsl.layers.window import pairs
from cnndsl.program import Pads, Value
from cnndsl.volume import Extent, Volume, axis_names


class Pad(Layer):
    """Cells around the spatial axes: zeros, another number, or what is inside, mirrored or repeated.

    Convolutions and pools pad with zeros and with nothing by themselves; this is for the rest.

    Equation:
        y[i] = x[i - P_lo] inside; outside `value`, or of cells a b c with `reflect` the mirror image
        c b (a b c) b a, with `edge` the border cell again, a a (a b c) c c

    Shapes:
        HxWxC -> (H + P_lo + P_hi)x(W + P_lo + P_hi)xC

    Goes wrong:
        `reflect` needs more cells than it mirrors (E313).

    Example:
        net Example { input 28x28x3 ; pad(3, reflect) -> conv(32, 7) }

    Source:
        J. Johnson, A. Alahi and L. Fei-Fei, Perceptual losses for real-time style transfer and
        super-resolution, 2016.
    """

    family: ClassVar[str] = "shape"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "ZeroPad2d", "ConstantPad2d", "ReflectionPad2d",
        "ReplicationPad2d", "zero_pad", "zeropad", "padding",
    )  # fmt: skip

    amount: Any = argument(Amounts("to take cells away, use `crop`"), known_as=("padding", "paddings", "pad_width"))
    value: float | str = argument(RealOrWord(("reflect", "edge")), 0.0, known_as=("mode", "constant_values"))

    def margins(self, volume: Volume) -> Pads:
        return pairs(self.kind, self.amount, volume, "amount")

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        for name, extent, margin in zip(axis_names(volume.rank), volume.spatial, self.margins(volume), strict=True):
            if self.value == "reflect" and extent is not None and max(margin) >= extent:
                why = f"reflect mirrors {max(margin)} cells beside the border cell, the {name} has {extent}"
                shown, instead = show_value(self.amount), ", or `edge`, which repeats the border cell"
                raise Refused(TooWide(NOWHERE, self.kind, "amount", shown, name, extent - 1, why, instead))
        return _grown(volume, self.margins(volume), 1)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0] if isinstance(self.value, str) else hull(given[0], (self.value, self.value))

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        (volume,) = inputs
        axes = zip(volume.spatial, output.spatial, self.margins(volume), strict=True)
        return (sight(*(self._link(*axis) for axis in axes)),)

    def _link(self, extent: Extent, output: Extent, margin: tuple[int, int]) -> Taps:
        low, high = margin
        if not isinstance(self.value, str):
            return Taps(extent, output, high - low, start=-low)
        return Bordered(extent, output, high - low, start=-low, low=low, high=high, reflects=self.value == "reflect")

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        return _resized(volume, self.output(volume), self.margins(volume), "+")

    def brief(self) -> str:
        return f"{self.kind} {show_value(self.amount)}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        volume = Volume(value.shape)
        if isinstance(self.value, str):
            primitive = primitives.Pad(self.margins(volume), self.value)
        else:
            primitive = primitives.Pad(self.margins(volume), "constant", self.value)
        return lowering.emit(primitive, value, shape=self.output(volume).shape)


class Crop(Layer):
    """Cells taken away from the borders: an amount, or as many as bring it to the size of another volume.

    With `to=` it is centred; of an odd number of cells one more goes at the end. The channels stay.

    Equation:
        y[i] = x[i + lo]

    Shapes:
        HxWxC -> (H - lo - hi)x(W - lo - hi)xC, or with `to` the other volume's height and width

    Goes wrong:
        Nothing is left (E312); the other volume is larger, or has other axes (E311); both `amount`
        and `to`, or none of them (E228).

    Example:
        net Example {
            input 64x64x1
            c1: conv(8, 3) -> relu
            up: maxpool(2) -> conv(16, 3) -> deconv(8, 2, stride=2)
            concat { | c1 -> crop(to=up) | up }
        }

    Source:
        O. Ronneberger, P. Fischer and T. Brox, U-Net: convolutional networks for biomedical image
        segmentation, 2015.
    """

    family: ClassVar[str] = "shape"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    discards: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "Cropping1D", "Cropping2D", "Cropping3D", "Crop", "CenterCrop", "center_crop",
    )  # fmt: skip

    amount: Any = argument(Optional(Amounts("to add cells, use `pad`")), None, known_as=("cropping", "offset"))
    to: Volume | None = argument(Optional(Target()), None, known_as=("size", "like", "target"))

    def margins(self, volume: Volume) -> Pads:
        """What goes at both ends of each axis; the sizes are fixed."""
        if self.to is None:
            return pairs(self.kind, self.amount, volume, "amount")
        lost = (have - want for have, want in zip(volume.shape[:-1], self.to.shape[:-1], strict=True))
        return tuple((cells // 2, cells - cells // 2) for cells in lost)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        one_of(self, ("amount", "to"), ("crop(2)", "crop(to=LABEL)"))
        if self.to is not None:
            return reach(self.kind, volume, self.to, larger=False)
        margins = self.margins(volume)
        for name, extent, (low, high) in zip(axis_names(volume.rank), volume.spatial, margins, strict=True):
            if extent is not None and extent - low - high < 1:
                formula = f"W2 = W - lo - hi = {extent} - {low} - {high} = {extent - low - high}"
                advice = f"take at most {extent - 1} cells of the {name} away"
                raise Refused(NothingLeft(NOWHERE, self.kind, "amount", name, volume, formula, advice))
        return _grown(volume, margins, -1)

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        (volume,) = inputs
        axes = zip(volume.spatial, output.spatial, self.margins(volume), strict=True)
        skewed = self.to is None
        links = (Taps(extent, to, (low - high) * skewed, start=low) for extent, to, (low, high) in axes)
        return (sight(*links),)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        return _resized(volume, self.output(volume), self.margins(volume), "-")

    def brief(self) -> str:
        if self.to is None:
            return f"{self.kind} {show_value(self.amount)}"
        return f"{self.kind} to {Volume(self.to.spatial)}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        margins = (*self.margins(Volume(value.shape)), (0, 0))
        starts = tuple(low for low, _ in margins)
        stops = tuple(extent - high for extent, (_, high) in zip(value.shape, margins, strict=True))
        shape = tuple(stop - start for start, stop in zip(starts, stops, strict=True))
        return lowering.emit(primitives.Slice(starts, stops), value, shape=shape)

    @classmethod
    def sample_calls(cls, rank: int) -> tuple[dict[str, Any], ...]:
        return tuple({name: cls.arguments[name].samples(rank)[0]} for name in ("amount", "to"))


def _resized(volume: Volume, output: Volume, margins: Pads, sign: str) -> Iterable[Step]:
    """W2 = W + lo + hi, or W - lo - hi, on each axis."""
    axes = zip(volume.shape, output.shape, margins, strict=False)
    lines = [(f"{extent} {sign} {low} {sign} {high}", result) for extent, result, (low, high) in axes]
    return derive.by_axis([(f"W {sign} lo {sign} hi", numbers, result) for numbers, result in lines])


def _grown(volume: Volume, margins: Pads, sign: int) -> Volume:
    """A volume with the margins added, or with sign -1 taken away."""
    extents: list[Extent] = [
        None if extent is None else extent + sign * (low + high)
        for extent, (low, high) in zip(volume.spatial, margins, strict=True)
    ]
    return Volume((*extents, volume.channels))
