"""Cutout: a square of an image taken away (T. DeVries and G. Taylor, 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.train.limits import Check, Whole

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array


class Cutout(Augment):
    """Sets a square of `size` x `size` pixels to zero; its middle is any pixel, so a part may lie outside."""

    kind: ClassVar[str] = "cutout"
    known_as: ClassVar[tuple[str, ...]] = ("RandomErasing", "erase", "CoarseDropout")
    mains: ClassVar[tuple[str, ...]] = ("size",)
    moves: ClassVar[bool] = False
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"size": (Whole(), 8)}

    size: int = 8

    def apply(self, x: Array, draws: Draws) -> Array:
        _, height, width, _ = x.shape
        rows, columns = draws.whole(0, height - 1), draws.whole(0, width - 1)
        inside = self._covers(rows, height)[:, :, None] & self._covers(columns, width)[:, None, :]
        return np.where(inside[..., None], x.dtype.type(0), x)

    def _covers(self, middles: Array, extent: int) -> Array:
        """(n, extent): where the square lies along an axis."""
        starts = (middles - self.size // 2)[:, None]
        cells = np.arange(extent)
        found: Array = (cells >= starts) & (cells < starts + self.size)
        return found
