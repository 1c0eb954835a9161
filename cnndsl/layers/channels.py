"""Channels cut and moved: slice, channel_shuffle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from cnndsl import primitives
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.channels import SliceOutside
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Layer, Lowering, SameSize
from cnndsl.layers.derive import Step
from cnndsl.layers.scalars import Count
from cnndsl.layers.standardize import split_channels
from cnndsl.program import Reshape, Value
from cnndsl.volume import Volume


class Slice(Layer):
    """A range of channels: those from `start` up to, not including, `stop`, counted from 0.

    Equation:
        y[h, w, c] = x[h, w, start + c]

    Shapes:
        HxWxC -> HxWx(stop - start); a vector likewise.

    Goes wrong:
        The range goes beyond the channels, or is empty (E310).

    Example:
        net Example { input 28x28x64 ; concat { slice(0, 32) | slice(32, 64) -> conv(32, 3, pad=1) } }

    Source:
        The channel split: N. Ma et al., ShuffleNet V2: practical guidelines for efficient CNN
        architecture design, 2018.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Slice", "narrow", "split", "chunk")

    start: int = argument(Count(0), sample=1)
    stop: int = argument(Count(), known_as=("end",), sample=3)

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        if self.start >= self.stop or (volume.channels is not None and self.stop > volume.channels):
            raise Refused(SliceOutside(NOWHERE, self.start, self.stop, volume))
        return Volume((*volume.spatial, self.stop - self.start))

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield Step("channels", "stop - start", f"{self.stop} - {self.start}", self.stop - self.start)

    def brief(self) -> str:
        return f"{self.kind} {self.start}..{self.stop}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        *spatial, _ = value.shape
        starts, stops = (*(0 for _ in spatial), self.start), (*spatial, self.stop)
        return lowering.emit(primitives.Slice(starts, stops), value, shape=(*spatial, self.stop - self.start))


class ChannelShuffle(SameSize):
    """The channels dealt out like cards, so that the next grouped convolution mixes what this one kept apart.

    Equation:
        y[c groups + g] = x[g (C / groups) + c]

    Shapes:
        any volume -> the same.

    Goes wrong:
        `groups` does not divide the channels (E303).

    Example:
        net Example { input 28x28x64 ; conv(64, 1, groups=4) -> channel_shuffle(4) -> conv(64, 1, groups=4) }

    Source:
        X. Zhang et al., ShuffleNet: an extremely efficient convolutional neural network for mobile
        devices, 2017.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("ChannelShuffle", "shuffle_channels", "ShuffleChannel")

    groups: int = argument(Count(), known_as=("num_groups", "group"))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        split_channels(self.kind, "groups", self.groups, volume)
        return volume

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def brief(self) -> str:
        return f"{self.kind} {self.groups}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        *spatial, channels = value.shape
        rank, part = len(spatial), channels // self.groups
        return rearrange(
            lowering,
            value,
            (*spatial, self.groups, part),
            (*range(rank), rank + 1, rank),
            value.shape,
        )


def rearrange(lowering: Lowering, value: Value, split: tuple[int, ...], order: tuple[int, ...], shape: Any) -> Value:
    """The value with its axes split into finer ones, those in another order, and joined again."""
    value = lowering.emit(Reshape(), value, shape=split)
    value = lowering.emit(primitives.Permute(order), value, shape=tuple(split[axis] for axis in order))
    return lowering.emit(Reshape(), value, shape=tuple(shape))
