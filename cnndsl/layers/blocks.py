"""Channels for space and back: pixel_shuffle, space_to_depth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.channels import DoesNotDivide, common_divisors
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument
from cnndsl.layers.base import Bounds, Layer, Lowering
from cnndsl.layers.channels import rearrange
from cnndsl.layers.derive import Step
from cnndsl.layers.links import Sight, blocks
from cnndsl.layers.scalars import Count
from cnndsl.program import Value
from cnndsl.volume import Volume, axis_names


class Blocks(Layer, abstract=True):
    """Base of the kinds that trade `factor` cells of every axis for channels."""

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    factor: int = argument(Count(), known_as=("upscale_factor", "downscale_factor", "block_size", "scale"))

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def brief(self) -> str:
        return f"{self.kind} {self.factor}"


class PixelShuffle(Blocks):
    """Channels become cells: each position is a block of factor x factor finer ones.

    It enlarges an image by channels that a convolution computed at the coarse size.

    Equation:
        y[h r + i, w r + j, c] = x[h, w, c r^2 + i r + j], with r = factor; likewise on 1 and 3 axes

    Shapes:
        HxWxC -> (H r)x(W r)x(C / r^2); LxC -> (L r)x(C / r)

    Goes wrong:
        r^2 (on one axis r, on three r^3) does not divide the channels (E303). The order of the
        channels is PyTorch's; TensorFlow's depth_to_space has c as the fastest.

    Example:
        net Example { input 32x32x3 ; conv(12, 3, pad=1) -> pixel_shuffle(2) }

    Source:
        W. Shi et al., Real-time single image and video super-resolution using an efficient
        sub-pixel convolutional neural network, 2016.
    """

    known_as: ClassVar[tuple[str, ...]] = ("PixelShuffle", "depth_to_space", "DepthToSpace", "subpixel")

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        count, block = volume.channels, self.factor**volume.rank
        if count is not None and count % block:
            suiting = tuple(n for n in common_divisors(count) if not count % n**volume.rank)
            why = f"every cell becomes {' * '.join([str(self.factor)] * volume.rank)} = {block}, so {block} divides C"
            what = "the input's channels"
            raise Refused(DoesNotDivide(NOWHERE, self.kind, "factor", self.factor, what, count, block, suiting, why))
        spatial = (None if extent is None else extent * self.factor for extent in volume.spatial)
        return Volume((*spatial, None if count is None else count // block))

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        return (blocks(inputs[0], output, 1, self.factor),)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        *spatial, channels = volume.shape
        yield from derive.by_axis([("W r", f"{extent} x {self.factor}", extent * self.factor) for extent in spatial])
        block = self.factor**volume.rank
        yield Step("channels", f"C / r^{volume.rank}", f"{channels} / {block}", channels // block)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        *spatial, _ = value.shape
        shape = self.output(Volume(value.shape)).shape
        rank = len(spatial)
        split = (*spatial, shape[-1], *(self.factor for _ in spatial))
        order = (*(axis for pair in zip(range(rank), range(rank + 1, 2 * rank + 1)) for axis in pair), rank)
        return rearrange(lowering, value, split, order, shape)

    @classmethod
    def sample_input(cls, rank: int) -> Volume:
        return Volume((*super().sample_input(rank).spatial, 8))


class SpaceToDepth(Blocks):
    """Cells become channels: each block of factor x factor positions is one with more channels.

    It halves an image without losing a value, and undoes `pixel_shuffle`.

    Equation:
        y[h, w, c r^2 + i r + j] = x[h r + i, w r + j, c], with r = factor; likewise on 1 and 3 axes

    Shapes:
        HxWxC -> (H / r)x(W / r)x(C r^2); LxC -> (L / r)x(C r)

    Goes wrong:
        The factor does not divide height and width (E303). The order of the channels is that of
        PyTorch's PixelUnshuffle; TensorFlow's space_to_depth has c as the fastest.

    Example:
        net Example { input 26x26x64 ; space_to_depth(2) -> conv(256, 1) }

    Source:
        J. Redmon and A. Farhadi, YOLO9000: better, faster, stronger, 2016.
    """

    known_as: ClassVar[tuple[str, ...]] = ("SpaceToDepth", "PixelUnshuffle", "pixel_unshuffle", "reorg", "Focus")

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        for name, extent in zip(axis_names(volume.rank), volume.spatial, strict=True):
            if extent is not None and extent % self.factor:
                suiting = common_divisors(*(fixed for fixed in volume.spatial if fixed is not None))
                numbers = (self.factor, f"the input's {name}", extent, self.factor)
                raise Refused(DoesNotDivide(NOWHERE, self.kind, "factor", *numbers, suiting))
        spatial = (None if extent is None else extent // self.factor for extent in volume.spatial)
        channels = None if volume.channels is None else volume.channels * self.factor**volume.rank
        return Volume((*spatial, channels))

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        return (blocks(inputs[0], output, self.factor, 1),)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        (volume,) = inputs
        *spatial, channels = volume.shape
        yield from derive.by_axis([("W / r", f"{extent} / {self.factor}", extent // self.factor) for extent in spatial])
        block = self.factor**volume.rank
        yield Step("channels", f"C r^{volume.rank}", f"{channels} x {block}", channels * block)

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        shape = self.output(Volume(value.shape)).shape
        rank = len(shape) - 1
        split = (*(part for extent in shape[:-1] for part in (extent, self.factor)), value.shape[-1])
        order = (*range(0, 2 * rank, 2), 2 * rank, *range(1, 2 * rank, 2))
        return rearrange(lowering, value, split, order, shape)

    @classmethod
    def sample_input(cls, rank: int) -> Volume:
        return Volume(((12,), (8, 4), (6, 4, 3), (4, 2, 6, 2))[rank])
