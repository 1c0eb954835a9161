"""Values that only move: another shape, one behind the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Concat, Reshape

from ..calls import Call
from .base import Rule, rule


@rule(Reshape)
class Reshaped(Rule[Reshape]):
    """The same memory with another shape, forward and backward."""

    places: ClassVar[Place] = Place.SAME
    places_gradient: ClassVar[Place] = Place.SAME

    def forward(self) -> None:
        """Nothing moves."""

    def calls(self, seat: int = 0) -> Iterator[Call]:
        yield from ()

    def backward(self) -> None:
        dx = self.dx[0]
        if dx is not None:  # the input has other uses, so this is a part of its gradient
            np.copyto(dx.array, self.dy.array.reshape(dx.shape))


@rule(Concat)
class Concatenated(Rule[Concat]):
    """y = the inputs one behind the other along the channels; each dx is its part of dy."""

    def prepare(self, backward: bool) -> None:
        ends = list(accumulate(buffer.shape[-1] for buffer in self.x))
        self.parts = [slice(end - buffer.shape[-1], end) for end, buffer in zip(ends, self.x)]

    def forward(self) -> None:
        for part, buffer in zip(self.parts, self.x):
            np.copyto(self.y.array[..., part], buffer.array)

    def backward(self) -> None:
        for part, dx in zip(self.parts, self.dx):
            if dx is not None:
                np.copyto(dx.array, self.dy.array[..., part])
