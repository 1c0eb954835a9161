"""Normalizations: batchnorm, lrn."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, ClassVar

from cnndsl import program
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Lowering, SameSize, Weights
from cnndsl.layers.scalars import Count, Flag, Real
from cnndsl.program import LocalResponseNorm, Start, Value
from cnndsl.volume import Volume, known

if TYPE_CHECKING:
    from cnndsl.layers.moments import Before, Moments


class BatchNorm(SameSize):
    """Batch normalization: mean 0 and variance 1 for every channel, over the batch and all positions.

    While training it uses the batch's mean and variance and keeps running ones, which are used
    otherwise. `momentum` weighs the new batch (Keras's momentum weighs the old ones: 0.9 there is
    0.1 here). With `freeze=true` it keeps to the running ones while training, too.

    Equation:
        y = (x - mean) / sqrt(variance + eps) * weight + bias, for each channel;
        running = (1 - momentum) running + momentum batch, the running variance unbiased

    Shapes:
        any volume -> the same; weight, bias, running_mean, running_var (C); without `affine` only
        the running ones. The running ones are statistics, not parameters.

    Goes wrong:
        With one example of a vector in a batch there is no variance to learn from.

    Example:
        net Example { input 32x32x3 ; conv(64, 3, pad=1, bias=false) -> batchnorm -> relu }

    Source:
        S. Ioffe and C. Szegedy, Batch normalization: accelerating deep network training by
        reducing internal covariate shift, 2015.
    """

    kind: ClassVar[str] = "batchnorm"
    family: ClassVar[str] = "norm"
    linear: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    normalizes: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = (
        "BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BatchNormalization", "batch_norm", "bn",
    )  # fmt: skip

    momentum: float = argument(Real(0, 1), 0.1)
    eps: float = argument(Real(0, open_minimum=True), 1e-5, known_as=("epsilon",))
    affine: bool = argument(Flag(), True, known_as=("center", "scale"))

    def arrays(self, *inputs: Volume) -> tuple[Weights, ...]:
        (volume,) = inputs
        shape = (known(volume.channels),)
        zeros, ones = Start("constant", 0.0), Start("constant", 1.0)
        learned = (Weights("weight", shape, ones, "norm"), Weights("bias", shape, zeros, "bias"))
        kept = (Weights("running_mean", shape, zeros, "statistic"), Weights("running_var", shape, ones, "statistic"))
        return (*learned, *kept) if self.affine else kept

    def beside(self, tool: str, *inputs: Volume) -> int:
        """timm and fvcore count a multiply-accumulate each for normalizing and for factor and offset."""
        if tool in ("timm", "fvcore"):
            return prod(inputs[0].shape) * (2 if self.affine else 1)
        return super().beside(tool, *inputs)

    def centres(self, volume: Volume) -> bool:
        return True

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        primitive = program.BatchNorm(
            factor=lowering.name("weight") if self.affine else None,
            offset=lowering.name("bias") if self.affine else None,
            mean=lowering.name("running_mean"),
            variance=lowering.name("running_var"),
            momentum=self.momentum,
            eps=self.eps,
            frozen=lowering.frozen,
        )
        return lowering.emit(primitive, value, shape=value.shape)


class Lrn(SameSize):
    """Local response normalization: a value is damped by its neighbours among the channels.

    Equation:
        y[c] = x[c] / (k + alpha * sum over j of x[j]^2) ^ beta, with j from c - size//2 to
        c + (size-1)//2 within the channels. alpha is not divided by size, as in the paper;
        PyTorch and Caffe divide: their alpha is `size` times ours.

    Shapes:
        any volume -> the same.

    Goes wrong:
        k must be above 0, or positions where all values are 0 would divide by 0.

    Example:
        net Example { input 55x55x96 ; lrn(5) }

    Source:
        A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet classification with deep convolutional
        neural networks, 2012.
    """

    family: ClassVar[str] = "norm"
    known_as: ClassVar[tuple[str, ...]] = ("LRN", "LocalResponseNorm", "local_response_norm")

    size: int = argument(Count(), 5, known_as=("local_size", "n"))
    alpha: float = argument(Real(0), 1e-4)
    beta: float = argument(Real(0), 0.75)
    k: float = argument(Real(0, open_minimum=True), 2.0, known_as=("knorm",))

    def bounds(self, *given: Bounds) -> Bounds:
        # A value is divided by something above 0, so it keeps its sign.
        low, high = given[0]
        return (0.0 if low >= 0 else -inf, 0.0 if high <= 0 else inf)

    def brief(self) -> str:
        return f"{self.kind} {self.size}"

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return lowering.emit(LocalResponseNorm(self.size, self.alpha, self.beta, self.k), value, shape=value.shape)

    def moments(self, before: Before) -> Moments | None:
        return before.given[0].times((self.k + self.alpha * self.size * before.given[0].square) ** -self.beta)
