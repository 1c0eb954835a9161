"""Rotate: images turned around their middle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.train.limits import POSITIVE, Check

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array


class Rotate(Augment):
    """Turns an image by up to `degrees` either way; bilinear, with zeros where there was nothing."""

    kind: ClassVar[str] = "rotate"
    known_as: ClassVar[tuple[str, ...]] = ("RandomRotation", "rotation")
    mains: ClassVar[tuple[str, ...]] = ("degrees",)
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"degrees": (POSITIVE, 15.0)}

    degrees: float = 15.0

    def apply(self, x: Array, draws: Draws) -> Array:
        return rotated(x, np.deg2rad(draws.uniform(-self.degrees, self.degrees)))


def rotated(x: Array, angles: Array) -> Array:
    """Each image (H, W, C) turned counterclockwise by its angle, in radians, around its middle."""
    _, height, width, _ = x.shape
    down, right = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
    cos, sin = (part[:, None, None] for part in (np.cos(angles), np.sin(angles)))
    # The pixel at (down, right) comes from where turning back puts it; rows count downwards.
    rows = cos * down + sin * right + (height - 1) / 2
    columns = cos * right - sin * down + (width - 1) / 2
    return between(x, rows, columns)


def between(x: Array, rows: Array, columns: Array) -> Array:
    """The values at places between the pixels (N, rows, columns), from the four around each; 0 beyond the border."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows = np.clip(rows + 1, 0, x.shape[1] + 1)
    columns = np.clip(columns + 1, 0, x.shape[2] + 1)
    top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    low, near = (rows - top)[..., None].astype(x.dtype), (columns - left)[..., None].astype(x.dtype)
    bottom, right = np.minimum(top + 1, x.shape[1] + 1), np.minimum(left + 1, x.shape[2] + 1)
    which = np.arange(len(x))[:, None, None]
    upper = padded[which, top, left] * (1 - near) + padded[which, top, right] * near
    lower = padded[which, bottom, left] * (1 - near) + padded[which, bottom, right] * near
    found: Array = upper * (1 - low) + lower * low
    return found
