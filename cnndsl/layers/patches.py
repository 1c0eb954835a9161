"""The cells of each window side by side, for layers that do more with them than weigh or pool."""

from __future__ import annotations

from math import prod

from cnndsl.layers.base import Lowering
from cnndsl.layers.window import Window, steps
from cnndsl.primitives import Patches
from cnndsl.program import Value
from cnndsl.volume import known


def patches(lowering: Lowering, value: Value, found: tuple[Window, ...], fill: float = 0.0) -> Value:
    """HxWxC -> H2xW2 x cells x C; padding, and what a ceil window overhangs, is `fill`."""
    kernel, stride, dilation = steps(found)
    pads = tuple((window.low, window.high + window.overhang) for window in found)
    positions = tuple(known(window.output) for window in found)
    shape = (*positions, prod(kernel), value.shape[-1])
    return lowering.emit(Patches(kernel, stride, pads, dilation, fill), value, shape=shape)
