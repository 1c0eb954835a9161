"""Bytes as text for JSON."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np


def text(pixels: Any) -> str:
    """The bytes of an array in base64, row by row."""
    return b64encode(np.ascontiguousarray(pixels).tobytes()).decode()
