"""Decoding one image with Pillow (the extra `images`): the only file that imports it to read."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.images import PillowMissing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = Any
    Shape = tuple[int, int, int]

#: endings of the files that are taken for images
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
#: Pillow's modes with one channel
GREY = ("1", "L", "LA", "I", "I;16", "I;16L", "I;16B")


class Broken(Exception):
    """An image that cannot be decoded; says why."""


def pillow() -> Any:
    """The module `PIL.Image`. Raises CnnError (E517) if Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError:
        raise PillowMissing(NOWHERE).error() from None
    return Image


def decode(content: Any, shape: Shape | None = None) -> NDArray[np.uint8]:
    """The pixels (H, W, C) of an image: the bytes of its file, a Pillow image, or an array of bytes.

    They come upright, grey (C = 1) or in colour (C = 3); transparency is dropped, pixels of 16 bits
    keep their upper 8. With a shape the image is scaled so that it covers that size and cut around its
    middle, and made grey or coloured. Raises Broken.
    """
    library = pillow()
    try:
        if isinstance(content, bytes):
            with library.open(BytesIO(content)) as image:
                return _pixels(image, shape)
        return _pixels(content if hasattr(content, "getbands") else library.fromarray(_bytes(content)), shape)
    except Exception as error:  # a damaged file makes decoders raise nearly anything
        raise Broken(_reason(error)) from error


def _pixels(image: Image, shape: Shape | None) -> NDArray[np.uint8]:
    from PIL import ImageOps

    grey = shape[2] == 1 if shape else image.mode in GREY
    if shape:
        # JPEG decodes to a half, a quarter, an eighth at less cost
        image.draft("L" if grey else "RGB", (max(shape[:2]),) * 2)
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        upright = pillow().fromarray((np.asarray(upright) >> 8).clip(0, 255).astype(np.uint8))
    upright = upright.convert("L" if grey else "RGB")
    if shape and upright.size != (shape[1], shape[0]):
        upright = ImageOps.fit(upright, (shape[1], shape[0]), pillow().Resampling.BILINEAR)
    pixels = np.asarray(upright)
    return pixels[..., None] if grey else pixels


def _bytes(content: Any) -> NDArray[np.uint8]:
    """An array (H, W), (H, W, 1) or (H, W, 3) of whole numbers from 0 to 255, as Pillow wants it."""
    array = np.asarray(content)
    if array.dtype.kind not in "iu" or array.ndim not in (2, 3) or array.min() < 0 or array.max() > 255:
        raise ValueError(f"{array.dtype} values of shape {array.shape} are no pixels")
    return np.ascontiguousarray(array[..., 0] if array.shape[2:] == (1,) else array, np.uint8)


def _reason(error: Exception) -> str:
    """What Pillow says, without the buffer that it was given."""
    said = str(error).partition(" <_io.")[0].strip()
    if type(error).__name__ == "UnidentifiedImageError":
        return "it is no image that Pillow knows"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
