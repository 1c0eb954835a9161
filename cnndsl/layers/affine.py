"""A factor and an offset for each channel: scale learns them, normalize is given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.channels import NotOnePerChannel
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Lowering, SameSize, Weights, bias_weights
from cnndsl.layers.scalars import FlagOrNumber, Real
from cnndsl.layers.tables import PerChannel, within_limit
from cnndsl.primitives import Affine
from cnndsl.program import Start, Value
from cnndsl.volume import Volume, known

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments

Each = float | tuple[float, ...]


def affine_weights(volume: Volume, bias: bool | float) -> tuple[Weights, ...]:
    """A learned factor for each channel, 1 at first, and an offset if there is a `bias`."""
    channels = known(volume.channels)
    return (Weights("weight", (channels,), Start("constant", 1.0), "norm"), *bias_weights(bias, channels))


class Scale(SameSize):
    """One learned factor and offset for each channel.

    `scale(init=1e-6, bias=false)` is the layer scale of ConvNeXt; after `avgpool(2)` it is the
    trainable subsampling of LeNet-5.

    Equation:
        y[h, w, c] = x[h, w, c] weight[c] + bias[c]

    Shapes:
        any volume -> the same; weight (C), bias (C) unless `bias=false`.

    Goes wrong:
        Behind a convolution without anything between it adds nothing that the filters could not do.

    Example:
        net Example { input 28x28x6 ; avgpool(2) -> scale -> lecun_tanh }

    Source:
        Y. LeCun et al., Gradient-based learning applied to document recognition, 1998; H. Touvron
        et al., Going deeper with image transformers, 2021.
    """

    family: ClassVar[str] = "norm"
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Scale", "LayerScale", "layer_scale", "Affine")

    bias: bool | float = argument(FlagOrNumber(), True, known_as=("use_bias", "bias_term"))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        return affine_weights(volume, self.bias)

    def moments(self, before: Before) -> Moments | None:
        return before.given[0].times(before.start("weight", 1.0), before.start("bias", 0.0))

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        offset = None if self.bias is False else lowering.name("bias")
        return lowering.emit(Affine(lowering.name("weight"), offset), value, shape=value.shape)


class Normalize(SameSize):
    """Normalization with given numbers: takes the mean of each channel away and divides by its deviation.

    The numbers are those of the data, such as ImageNet's; they are constants, not parameters.

    Equation:
        y[h, w, c] = (x[h, w, c] - mean[c]) / std[c]

    Shapes:
        any volume -> the same; constants weight = 1/std and bias = -mean/std (C).

    Goes wrong:
        A list has another length than there are channels (E309). Numbers for values from 0 to 1 on
        an image of 0 to 255, or the reverse.

    Example:
        net Example {
            input 224x224x3
            normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
            conv(64, 7, stride=2, pad=3)
        }

    Source:
        Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient backprop, 1998.
    """

    family: ClassVar[str] = "norm"
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    normalizes: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Normalize", "Normalization", "standardize")

    mean: Each = argument(PerChannel(Real()))
    std: Each = argument(PerChannel(Real(0, open_minimum=True)), known_as=("stddev", "sigma"))

    @property
    def given(self) -> bool:
        return True

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        for name, value in (("mean", self.mean), ("std", self.std)):
            if isinstance(value, tuple) and volume.channels not in (None, len(value)):
                count = known(volume.channels)
                raise Refused(NotOnePerChannel(NOWHERE, self.kind, name, len(value), count, volume))
        within_limit(self.kind, "mean", volume.channels or 0)
        return volume

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        channels = known(volume.channels)
        means, deviations = _each(self.mean, channels), _each(self.std, channels)
        factors = tuple(1 / deviation for deviation in deviations)
        offsets = tuple(-mean / deviation for mean, deviation in zip(means, deviations, strict=True))
        return (
            Weights("weight", (channels,), Start("given", table=factors), "constant"),
            Weights("bias", (channels,), Start("given", table=offsets), "constant"),
        )

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(Affine(lowering.name("weight"), lowering.name("bias")), value, shape=value.shape)


def _each(value: Each, channels: int) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,) * channels
