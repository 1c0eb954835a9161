"""Normalizations of each example by itself: layernorm, groupnorm, instancenorm."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnndsl import primitives
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.channels import DoesNotDivide, common_divisors
from cnndsl.layers.affine import affine_weights
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Lowering, SameSize, Weights
from cnndsl.layers.links import Sight
from cnndsl.layers.scalars import Count, Flag, Real
from cnndsl.primitives import Affine
from cnndsl.program import Value
from cnndsl.volume import Volume


class Standardize(SameSize, abstract=True):
    """Base of the kinds that subtract a mean and divide by a deviation, then scale each channel."""

    family: ClassVar[str] = "norm"
    normalizes: ClassVar[bool] = True

    eps: float = argument(Real(0, open_minimum=True), 1e-5, known_as=("epsilon",))
    affine: bool = argument(Flag(), True, known_as=("elementwise_affine", "center", "scale"))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        return affine_weights(volume, bias=True) if self.affine else ()

    def beside(self, tool: str, *inputs: Volume) -> int:
        """fvcore counts 4 for a value, and 1 for its factor and offset."""
        return prod(inputs[0].shape) * (5 if self.affine else 4) if tool == "fvcore" else super().beside(tool, *inputs)

    def standard(self, channels: int) -> primitives.Standardize:
        """Over what the mean and the deviation are taken."""
        raise NotImplementedError

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        """Its own position; all of them besides, where the mean is taken over the positions."""
        (own,) = super().sights(output, *inputs)
        return (own.replace(mixes=self.standard(1).spatial),)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        value = lowering.emit(self.standard(value.shape[-1]), value, shape=value.shape)
        if not self.affine:
            return value
        return lowering.emit(Affine(lowering.name("weight"), lowering.name("bias")), value, shape=value.shape)


class LayerNorm(Standardize):
    """Layer normalization: mean 0 and variance 1 over the channels of every position.

    It works the same while training and otherwise, and on a batch of one.

    Equation:
        y[c] = (x[c] - mean) / sqrt(variance + eps) * weight[c] + bias[c], over the channels

    Shapes:
        any volume -> the same; weight, bias (C), none without `affine`.

    Goes wrong:
        Over one channel it is always 0. PyTorch's default eps is 1e-5.

    Example:
        net Example { input 56x56x96 ; conv(96, 7, pad=3, groups=96) -> layernorm -> conv(384, 1) -> gelu }

    Source:
        J. Ba, J. Kiros and G. Hinton, Layer normalization, 2016.
    """

    kind: ClassVar[str] = "layernorm"
    known_as: ClassVar[tuple[str, ...]] = ("LayerNorm", "LayerNormalization", "layer_norm", "ln")

    eps: float = argument(Real(0, open_minimum=True), 1e-6, known_as=("epsilon",))

    def standard(self, channels: int) -> primitives.Standardize:
        return primitives.Standardize(1, False, self.eps)


class GroupNorm(Standardize, first=True):
    """Group normalization: mean 0 and variance 1 over each group of channels at all positions.

    It works the same while training and otherwise, and on a batch of one.

    Equation:
        y = (x - mean) / sqrt(variance + eps) * weight + bias, over H, W and the channels of a group

    Shapes:
        any volume -> the same; weight, bias (C), none without `affine`.

    Goes wrong:
        `groups` does not divide the channels (E303).

    Example:
        net Example { input 32x32x64 ; conv(64, 3, pad=1, bias=false) -> groupnorm(32) -> relu }

    Source:
        Y. Wu and K. He, Group normalization, 2018.
    """

    kind: ClassVar[str] = "groupnorm"
    known_as: ClassVar[tuple[str, ...]] = ("GroupNorm", "GroupNormalization", "group_norm", "gn")

    groups: int = argument(Count(), known_as=("num_groups",))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        split_channels(self.kind, "groups", self.groups, volume)
        return volume

    def standard(self, channels: int) -> primitives.Standardize:
        return primitives.Standardize(self.groups, True, self.eps)

    def centres(self, volume: Volume) -> bool:
        return self.groups == volume.channels

    def brief(self) -> str:
        return f"{self.kind} {self.groups}"


class InstanceNorm(Standardize):
    """Instance normalization: mean 0 and variance 1 for each channel of each example.

    It takes out the contrast of an image, and so its style.

    Equation:
        y = (x - mean) / sqrt(variance + eps) * weight + bias, over H and W for each channel

    Shapes:
        any volume with spatial axes -> the same; weight, bias (C), none without `affine`.

    Goes wrong:
        Over one position it is always 0; a vector has none (E304). PyTorch has no weights by
        default: that is `affine=false`.

    Example:
        net Example { input 64x64x3 ; conv(32, 3, pad=1) -> instancenorm -> relu }

    Source:
        D. Ulyanov, A. Vedaldi and V. Lempitsky, Instance normalization: the missing ingredient for
        fast stylization, 2016.
    """

    kind: ClassVar[str] = "instancenorm"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "InstanceNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "InstanceNormalization", "instance_norm",
    )  # fmt: skip

    def standard(self, channels: int) -> primitives.Standardize:
        return primitives.Standardize(channels, True, self.eps)

    def centres(self, volume: Volume) -> bool:
        return True


def split_channels(layer: str, argument: str, value: int, volume: Volume) -> None:
    """Refuses a number of equal parts that does not divide the input's channels."""
    count = volume.channels
    if count is not None and count % value:
        suiting = common_divisors(count)
        raise Refused(DoesNotDivide(NOWHERE, layer, argument, value, "the input's channels", count, value, suiting))
