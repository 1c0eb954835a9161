"""Layers that only arrange values: flatten, id."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.values import OpenExtent
from cnndsl.layers.base import Layer, Lowering, SameSize
from cnndsl.program import Reshape, Value
from cnndsl.volume import Volume


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
    known_as: ClassVar[tuple[str, ...]] = ("Flatten", "ravel", "view")

    def output(self, *inputs: Volume) -> Volume:
        (volume,) = inputs
        if volume.elements is None:
            raise Refused(OpenExtent(NOWHERE, what=f"`{self.kind}`", volume=str(volume)))
        return Volume((volume.elements,))

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return value if len(value.shape) == 1 else lowering.emit(Reshape(), value, shape=(prod(value.shape),))


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
    known_as: ClassVar[tuple[str, ...]] = ("Identity", "identity", "Lambda", "passthrough")

    def lower(self, lowering: Lowering, *inputs: Value) -> Value:
        (value,) = inputs
        return value
