"""Bytes, images and numbers for JSON."""

from __future__ import annotations

from base64 import b64encode
from math import isfinite
from typing import Any

import numpy as np

from cnndsl.visualize.colours import stretched

#: the longest side of a small image: of a larger one every n-th cell
SIDE = 32


def text(pixels: Any) -> str:
    """The bytes of an array in base64, row by row."""
    return b64encode(np.ascontiguousarray(pixels).tobytes()).decode()


def image(values: Any, side: int = SIDE) -> dict[str, Any]:
    """An image (H, W, C): its size and its bytes, black its least value and white its greatest."""
    step = max(-(-max(values.shape[:2]) // side), 1)
    shown = values[::step, ::step]
    return {"shape": shown.shape, "pixels": text(stretched(shown))}


def number(value: float | None) -> float | None:
    """A number to four digits; None if it is none, or infinite, which JSON has no word for."""
    return float(f"{value:.4g}") if value is not None and isfinite(value) else None
