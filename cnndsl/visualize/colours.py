"""Values as bytes: around grey, from black to white, along a scale of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

#: matplotlib's viridis at five places (S. van der Walt and N. Smith, 2015), and ColorBrewer's blue, white and red
HEAT = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
SIGNED = ((33, 102, 172), (247, 247, 247), (178, 24, 43))


def around_grey(values: Array, most: float | None = None) -> Array:
    """Bytes of the same shape: 128 for 0, 255 for `most` (the largest magnitude unless it is given), 1 for -most."""
    most = (float(np.abs(values).max()) if most is None else most) or 1.0
    return np.rint(np.clip(values / most, -1, 1) * 127 + 128).astype(np.uint8)


def stretched(values: Array, low: float | None = None, high: float | None = None) -> Array:
    """Bytes of the same shape: 0 for `low`, 255 for `high`, by default the least and the greatest value."""
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    return np.rint(np.clip((values - low) / ((high - low) or 1.0), 0, 1) * 255).astype(np.uint8)


def heat(values: Array) -> Array:
    """Colours (…, 3) for values (…): from the least to the greatest; where some are negative blue to red around 0."""
    if float(values.min()) < 0:
        most = float(np.abs(values).max())
        return _along(SIGNED, values / (2 * most) + 0.5)
    return _along(HEAT, values / (float(values.max()) or 1.0))


def over(image: Array, colours: Array, share: float = 0.5) -> Array:
    """An image's bytes (H, W, 3) with a map's colours laid over it."""
    return np.rint((1 - share) * image.astype(np.float32) + share * colours).astype(np.uint8)


def grey(pixels: Array) -> Array:
    """Bytes (H, W) as (H, W, 3)."""
    return np.repeat(pixels[..., None], 3, axis=-1)


def _along(anchors: tuple[tuple[int, int, int], ...], places: Any) -> Array:
    """The colours at places from 0 to 1, straight between the anchors."""
    at = np.linspace(0, 1, len(anchors))
    parts = [np.interp(places, at, [anchor[part] for anchor in anchors]) for part in range(3)]
    found: Array = np.rint(np.stack(parts, axis=-1)).astype(np.uint8)
    return found
