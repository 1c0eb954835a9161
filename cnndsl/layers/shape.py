"""Layers that only arrange values: flatten, reshape, permute, id."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, ClassVar

from cnndsl import primitives, program
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.sizes import WrongCount, reshape_mismatch
from cnndsl.errors.values import OpenExtent
from cnndsl.layers import derive
from cnndsl.layers.arguments import argument, show_value
from cnndsl.layers.axes import Order, Size
from cnndsl.layers.base import Bounds, Layer, Lowering, SameSize
from cnndsl.layers.derive import Step, product
from cnndsl.layers.links import Sight, Taps
from cnndsl.program import Value
from cnndsl.volume import Extent, Volume


class Flatten(Layer):
    """All values of the volume as one vector, in the order H, W, C.

    Equation:
        y[(h W + w) C + c] = x[h, w, c]

    Shapes:
        HxWxC -> H*W*C; likewise for other numbers of axes; a vector stays as it is.

    Goes wrong:
        The input has an extent that is not fixed (`?`), so the length is not known (E225): fix the
        input's size, or pool to 1x1 instead. After it there are no spatial axes to slide over.

    Example:
        net Example { input 5x5x16 ; flatten ; fc(10) }

    Source:
        Channels come last, as in TensorFlow and MLX; PyTorch flattens in the order C, H, W.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    transparent: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Flatten", "ravel", "view")

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        if volume.elements is None:
            raise Refused(OpenExtent(NOWHERE, what=f"`{self.kind}`", volume=str(volume)))
        return Volume((volume.elements,))

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield product("output", derive.cells(inputs[0]), prod(inputs[0].shape))

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return value if len(value.shape) == 1 else lowering.emit(program.Reshape(), value, shape=(prod(value.shape),))


class Reshape(Layer):
    """The same values, in the same reading order, as a volume of another size.

    One extent may be `?` and is then what the others leave.

    Equation:
        y and x are the same list of values, in the order H, W, C

    Shapes:
        any volume -> size, with as many values.

    Goes wrong:
        The size holds more or fewer values than the input (E314); the input has an extent that is
        not fixed (E225). It moves no axis: that is `permute`.

    Example:
        net Example { input 100 ; fc(4096) -> reshape(4x4x256) ; deconv(128, 4, stride=2, pad=1) }

    Source:
        A. Radford, L. Metz and S. Chintala, Unsupervised representation learning with deep
        convolutional generative adversarial networks, 2015.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Reshape", "Unflatten", "unflatten")

    size: tuple[Extent, ...] = argument(Size(), known_as=("target_shape", "shape", "unflattened_size"))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        count = volume.elements
        if count is None:
            raise Refused(OpenExtent(NOWHERE, what=f"`{self.kind}`", volume=str(volume)))
        fixed = prod(extent for extent in self.size if extent is not None)
        left, rest = divmod(count, fixed)
        opened = sum(extent is None for extent in self.size)
        if rest or opened > 1 or (not opened and left != 1):
            raise Refused(reshape_mismatch(self.kind, volume, self.size))
        return Volume(tuple(left if extent is None else extent for extent in self.size))

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        yield product("output", derive.cells(self.output(*inputs), "2"), prod(inputs[0].shape))

    def brief(self) -> str:
        return f"{self.kind} {Volume(self.size)}"

    def written(self) -> str:
        return f"{self.kind}({Volume(self.size)})"

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        shape = self.output(Volume(value.shape)).shape
        return value if shape == value.shape else lowering.emit(program.Reshape(), value, shape=shape)

    @classmethod
    def sample_calls(cls, rank: int) -> tuple[dict[str, Any], ...]:
        half = prod(cls.sample_input(rank).shape) // 2
        return {"size": (half, 2)}, {"size": (2, None, 1)}


class Permute(Layer):
    """The axes in another order: rows for columns, or the channels to the front.

    Equation:
        y[i, j, k] = x[…], the axis `order[n]` of x as the axis n of y

    Shapes:
        `permute((1, 0, 2))` gives WxHxC of HxWxC; axes are counted from 0, the channels last.

    Goes wrong:
        The order has another number of axes than the input (E314). Keras counts the axes from 1,
        PyTorch counts the batch as axis 0.

    Example:
        net Example { input 28x14x3 ; permute((1, 0, 2)) ; conv(6, 5) }

    Source:
        S. van der Walt, C. Colbert and G. Varoquaux, The NumPy array, 2011.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Permute", "transpose", "movedim", "swapaxes")

    order: tuple[int, ...] = argument(Order(), known_as=("dims", "axes", "perm"))

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        axes = len(volume.extents)
        if len(self.order) != axes:
            wanted = f"the order {show_value(self.order)}"
            why = f"{len(self.order)} axes, the input has {axes}, channels included"
            advice = f"name each of {', '.join(map(str, range(axes)))} once"
            raise Refused(WrongCount(NOWHERE, self.kind, "order", volume, wanted, why, advice))
        return Volume(tuple(volume.extents[axis] for axis in self.order))

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def sights(self, output: Volume, *inputs: Volume) -> tuple[Sight, ...]:
        (volume,) = inputs
        to = [self.order.index(axis) for axis in range(volume.rank)]
        along = tuple(None if axis == output.rank else axis for axis in to)
        links = (
            None if axis is None else Taps(extent, extent) for axis, extent in zip(along, volume.spatial, strict=True)
        )
        return (Sight(tuple(links), along),)

    def sizing(self, *inputs: Volume) -> Iterable[Step]:
        letters = [letter for letter, _ in derive.cells(inputs[0])]
        yield Step("output", f"{'x'.join(letters)} becomes {'x'.join(letters[axis] for axis in self.order)}")

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        shape = self.output(Volume(value.shape)).shape
        return lowering.emit(primitives.Permute(self.order), value, shape=shape)


class Id(SameSize):
    """The volume as it is: a branch of a join that does nothing, such as a residual shortcut.

    Equation:
        y = x

    Shapes:
        any volume -> the same.

    Goes wrong:
        Nothing by itself; a join whose other branches change the size refuses it (E305).

    Example:
        net Example { input 8x8x4 ; add { id | conv(4, 3, pad=1) } }

    Source:
        The identity shortcut: K. He et al., Deep residual learning for image recognition, 2015.
    """

    family: ClassVar[str] = "shape"
    linear: ClassVar[bool] = True
    transparent: ClassVar[bool] = True
    by_channel: ClassVar[bool] = True
    does_nothing: ClassVar[bool] = True
    known_as: ClassVar[tuple[str, ...]] = ("Identity", "identity", "Lambda", "passthrough")

    def bounds(self, *given: Bounds) -> Bounds:
        return given[0]

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return value
