"""Crop and Shift: images moved by whole pixels, with zeros where there were none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.errors.augment import AugmentMisfit
from cnndsl.errors.base import NOWHERE
from cnndsl.train.limits import Check, Optional, Whole

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array


class Crop(Augment):
    """Pads an image with `pad` zeros on each side and cuts a window of its own size out, anywhere.

    `size` may say that size again, as it is written elsewhere (`Crop(32, pad=4)`); it is checked then.
    """

    kind: ClassVar[str] = "crop"
    known_as: ClassVar[tuple[str, ...]] = ("RandomCrop", "random_crop")
    mains: ClassVar[tuple[str, ...]] = ("pad",)
    settings_elsewhere: ClassVar[dict[str, str]] = {"padding": "pad"}
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"size": (Optional(Whole()), 32), "pad": (Whole(), 4)}

    size: int | None = None
    pad: int = 4

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        super().check(name, shape)
        if self.size is not None and shape[:2] != (self.size, self.size):
            reason = f"size={self.size} would change its size, which the net does not take"
            raise AugmentMisfit(NOWHERE, self.kind, name, shape, reason).error()

    def apply(self, x: Array, draws: Draws) -> Array:
        rows, columns = draws.whole(-self.pad, self.pad), draws.whole(-self.pad, self.pad)
        return moved(x, rows, columns, self.pad)


class Shift(Augment):
    """Moves an image by up to `pixels` up or down and up to `pixels` to a side."""

    kind: ClassVar[str] = "shift"
    known_as: ClassVar[tuple[str, ...]] = ("RandomTranslation", "translate", "width_shift")
    mains: ClassVar[tuple[str, ...]] = ("pixels",)
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"pixels": (Whole(), 2)}

    pixels: int = 2

    def apply(self, x: Array, draws: Draws) -> Array:
        rows, columns = draws.whole(-self.pixels, self.pixels), draws.whole(-self.pixels, self.pixels)
        return moved(x, rows, columns, self.pixels)


def moved(x: Array, rows: Array, columns: Array, most: int) -> Array:
    """Each image moved down by its number of rows and right by its number of columns, at most `most` of either."""
    _, height, width, _ = x.shape
    padded = np.pad(x, ((0, 0), (most, most), (most, most), (0, 0)))
    changed = np.empty_like(x)
    for number, (row, column) in enumerate(zip((most - rows).tolist(), (most - columns).tolist())):
        changed[number] = padded[number, row : row + height, column : column + width]
    return changed
