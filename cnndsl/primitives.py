"""The primitives beside the few that every network needs: what the rest of the layers lower to.

Each has its meaning here and a rule in every backend. Shapes are of one example, channels last.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnndsl.needs import OVER, Kept, Needs, Place, index_bytes
from cnndsl.program import Pads, Primitive, Shape


class ConvolveTransposed(Primitive):
    """Transposed convolution over 1 to 3 axes: weight (K, *kernel, C/groups), bias (K,).

    y[n, i*stride + f*dilation - low, k] is the sum over i, f, c of x[n, i, c] w[k, f, c], plus b[k];
    the output's extents, `output_pad` included, are those of the step's output value.
    """

    gradient: ClassVar[Needs] = Needs(inputs=True)
    scalable: ClassVar[bool] = True

    weight: str
    bias: str | None
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    groups: int


class Patches(Primitive):
    """The cells of each window: (*positions, C) -> (*output positions, cells, C), padding is `fill`."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    fill: float = 0.0


class Positionwise(Primitive):
    """A matrix of its own at every position: x (*positions, …), weight (*positions, K, …), bias (*positions, K).

    y[p, k] = b[p, k] + the sum over all axes of x behind the positions of x[p] w[p, k].
    """

    gradient: ClassVar[Needs] = Needs(inputs=True)

    weight: str
    bias: str | None


class SquaredDistance(Primitive):
    """y[…, u] = the sum over the last axis of (x - prototype[u])^2: prototypes (units, inputs)."""

    gradient: ClassVar[Needs] = Needs(inputs=True)

    prototypes: str


class Reduce(Primitive):
    """`max`, `median` or `mode` over one axis, counted from the end (-1 the last), which goes away.

    The median of an even number is the mean of the middle two, the mode the smallest of the most
    frequent; for both a cell of plus infinity is padding and does not count. The gradient goes to the
    first cell that holds the value (for a mean of two values, half to the first cell that holds each).
    """

    function: str
    axis: int

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        holders = 2 if self.function == "median" else 1
        return (Kept("winning cells", holders * prod(output), index_bytes(inputs[0][self.axis])),)


class AdaptivePool(Primitive):
    """`average` or `max` over windows that divide the input evenly among the output's positions.

    Output i of n covers the cells floor(i W/n) up to, not including, ceil((i+1) W/n).
    """

    function: str

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("winning cells", prod(output), 4),) if self.function == "max" else ()


class PRelu(Primitive):
    """x where x > 0, else slope[c] x: one learned slope per channel (He et al., 2015)."""

    gradient: ClassVar[Needs] = OVER.replace(inputs=True)

    slope: str


class LogSoftmax(Primitive):
    """x - logsumexp(x) over the channels."""

    gradient: ClassVar[Needs] = OVER.replace(output=True)


class Affine(Primitive):
    """factor[c] x + offset[c] per channel; either may be none."""

    gradient: ClassVar[Needs] = OVER.replace(inputs=True)

    factor: str | None
    offset: str | None


class Standardize(Primitive):
    """(x - mean) / sqrt(variance + eps), of each example by itself, the variance biased.

    Over the channels of each of `groups` equal groups of channels, and over all positions too if
    `spatial`: layer normalization is (1, False), group (g, True), instance (C, True).
    """

    gradient: ClassVar[Needs] = OVER.replace(output=True)

    groups: int
    spatial: bool
    eps: float

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Kept, ...]:
        return (Kept("deviations", (1 if self.spatial else prod(output[:-1])) * self.groups),)


class Permute(Primitive):
    """The axes of the example in another order: axis i of the output is axis order[i] of the input."""

    order: tuple[int, ...]


class Pad(Primitive):
    """Cells added around the spatial axes: `constant` (of `value`), `reflect` or `edge`.

    `edge` repeats the border cell; `reflect` mirrors at it without repeating it, again and again if need be.
    """

    pads: Pads
    mode: str
    value: float = 0.0


class Slice(Primitive):
    """The part from `starts` up to, not including, `stops`, on every axis of the example."""

    starts: tuple[int, ...]
    stops: tuple[int, ...]


class Resize(Primitive):
    """The spatial axes at another size, that of the output value.

    `nearest`: output i reads cell floor(i W/W2). `linear`: it reads at (i + 0.5) W/W2 - 0.5, between
    its two neighbours, clamped at the border (half-pixel centres).
    """

    mode: str


class Noise(Primitive):
    """Training: x + std times a standard normal from the stream. Otherwise the identity."""

    gradient: ClassVar[Needs] = Needs(place=Place.OVER, gradient_place=Place.SAME)
    training_only: ClassVar[bool] = True

    std: float
    stream: int
