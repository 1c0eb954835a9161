"""Small image files for tests."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")


def png(*shape: int, value: int = 0, form: str = "PNG") -> bytes:
    """An image file of one value everywhere."""
    return encode(np.full(shape, value, np.uint8), form)


def encode(array: np.ndarray, form: str = "PNG", **settings) -> bytes:
    stream = BytesIO()
    Image.fromarray(array).save(stream, form, **settings)
    return stream.getvalue()


def tree(folder: Path, *paths: str, shape: tuple[int, ...] = (4, 5, 3)) -> None:
    """Images at these paths, the first of value 0, the second of 1, and so on."""
    for value, path in enumerate(paths):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(png(*shape, value=value))
