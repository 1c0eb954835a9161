"""Color: brightness, contrast and saturation changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.train.limits import AT_LEAST_ZERO, Check

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array

#: how bright red, green and blue are (ITU-R BT.601)
GREY = (0.299, 0.587, 0.114)


class Color(Augment):
    """Multiplies an image by a factor, then its distances from its mean, then those of its channels from their grey.

    Each factor is drawn from 1 - a to 1 + a, a being `brightness`, `contrast` and `saturation`; the last is
    for three channels only. Nothing is cut off at 0 or 1: nets do not need it, and it would bend the colours.
    """

    kind: ClassVar[str] = "color"
    known_as: ClassVar[tuple[str, ...]] = ("colour", "ColorJitter", "jitter", "brightness", "contrast")
    mains: ClassVar[tuple[str, ...]] = ("brightness", "contrast", "saturation")
    moves: ClassVar[bool] = False
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = dict.fromkeys(
        ("brightness", "contrast", "saturation"), (AT_LEAST_ZERO, 0.2)
    )

    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.2

    def apply(self, x: Array, draws: Draws) -> Array:
        factors = [draws.uniform(1 - each, 1 + each) for each in (self.brightness, self.contrast, self.saturation)]
        return colored(x, *(factor.astype(np.float32) for factor in factors))


def colored(x: Array, brightness: Array, contrast: Array, saturation: Array) -> Array:
    """Images with those factors, a number of each for every image."""
    bright, strong, full = (factor[:, None, None, None] for factor in (brightness, contrast, saturation))
    x = x * bright
    x = _away(x, _grey(x).mean(axis=(1, 2, 3), keepdims=True), strong)
    return _away(x, _grey(x), full) if x.shape[-1] == 3 else x


def _away(x: Array, middle: Array, factor: Array) -> Array:
    """The distances from a middle, multiplied."""
    found: Array = middle + (x - middle) * factor
    return found


def _grey(x: Array) -> Array:
    weights = np.asarray(GREY, x.dtype) if x.shape[-1] == 3 else np.full(x.shape[-1], 1 / x.shape[-1], x.dtype)
    grey: Array = (x @ weights)[..., None]
    return grey
