"""Distances to prototypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.primitives import SquaredDistance

from .. import channels
from .base import Rule, rule

if TYPE_CHECKING:
    from ..memory import Array


@rule(SquaredDistance)
class Distances(Rule[SquaredDistance]):
    """y[u] = |x - p[u]|^2 = |x|^2 - 2 x p[u] + |p[u]|^2.

    dx = 2 sum over u of dy[u] (x - p[u]); dp[u] = 2 sum over all positions of dy[u] (p[u] - x). In float64,
    as near a prototype the three terms of y are much larger than y.
    """

    reads_inputs: ClassVar[bool] = True

    def prepare(self, backward: bool) -> None:
        self.prototypes = self.workspace.parameter(self.primitive.prototypes)
        self.dprototypes = self.workspace.gradient(self.primitive.prototypes) if backward else None
        self.inputs, self.units = self.x[0].shape[-1], self.y.shape[-1]
        self.pieces = tuple(channels.pieces(self.y.size // self.units, 8 * (self.inputs + self.units), channels.MADE))

    def wide(self, array: Array, part: slice, depth: int) -> Array:
        """Some positions of (…, depth), in float64."""
        return array.reshape(-1, depth)[part].astype(np.float64)

    def forward(self) -> None:
        y, prototypes = self.y.array.reshape(-1, self.units), self.prototypes.astype(np.float64)
        own = np.einsum("uj,uj->u", prototypes, prototypes)
        for part in self.pieces:
            x = self.wide(self.x[0].array, part, self.inputs)
            found = x @ (-2 * prototypes.T)
            found += own
            found += np.einsum("pj,pj->p", x, x)[:, None]
            np.maximum(found, 0, out=y[part], casting="same_kind")

    def backward(self) -> None:
        prototypes, total = self.prototypes.astype(np.float64), np.zeros(self.prototypes.shape)
        for part in self.pieces:
            x, dy = self.wide(self.x[0].array, part, self.inputs), self.wide(self.dy.array, part, self.units)
            dy *= 2
            if self.dprototypes:
                total += prototypes * dy.sum(axis=0)[:, None] - dy.T @ x
            if self.dx[0]:
                self.dx[0].array.reshape(-1, self.inputs)[part] = x * dy.sum(axis=1)[:, None] - dy @ prototypes
        if self.dprototypes:
            self.dprototypes.array[...] = total
