"""input: where a network begins."""

from __future__ import annotations

from typing import ClassVar

from cnndsl.layers.arguments import argument
from cnndsl.layers.axes import Size
from cnndsl.layers.base import Layer
from cnndsl.volume import Extent, Volume


class Input(Layer):
    """The examples that a network is given, one at a time: the batch is never written.

    `input` is a word of the language, not a call: `input 28x28x1`, `input left: 64x64x3`.

    Equation:
        y = the example

    Shapes:
        gives the volume of its size: height x width x channels for an image, length x channels for
        a series, depth x height x width x channels for a clip, one number for a vector. `?` is an
        extent that is fixed later, by `--input`.

    Goes wrong:
        An extent of 0 (E226). `input 28x28` is a series of length 28 with 28 channels: a grey
        image is 28x28x1.

    Example:
        net Example { input 28x28x1 ; conv(6, 5, pad=2) }

    Source:
        The layout with channels last (NHWC) is TensorFlow's and MLX's; Caffe and PyTorch put
        channels first.
    """

    family: ClassVar[str] = "input"
    called: ClassVar[bool] = False

    size: tuple[Extent, ...] = argument(Size())

    @classmethod
    def signature(cls) -> str:
        return "input SIZE, input NAME: SIZE"

    def output(self, *inputs: Volume) -> Volume:
        return Volume(self.size)

    def written(self) -> str:
        return f"input {Volume(self.size)}"
