"""Decoding single images: sizes, modes, orientation, and whatever is no image."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from cnndsl.data.decoded import Broken, decode
from tests.data.images import Image, encode, png

RAMP = np.arange(4 * 6, dtype=np.uint8).reshape(4, 6) * 10


def saved(image, form: str = "PNG", **settings) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **settings)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_grey_and_colour_come_as_they_are(form: str) -> None:
    np.testing.assert_array_equal(decode(encode(RAMP, form)), RAMP[..., None])
    colour = np.stack([RAMP, RAMP + 1, RAMP + 2], axis=-1)
    np.testing.assert_array_equal(decode(encode(colour, form)), colour)


def test_every_source_of_pixels() -> None:
    for source in (encode(RAMP), Image.fromarray(RAMP), RAMP, RAMP[..., None], RAMP.tolist()):
        np.testing.assert_array_equal(decode(source), RAMP[..., None])


def test_sixteen_bits_keep_the_upper_eight() -> None:
    deep = (np.arange(24, dtype=np.uint16).reshape(4, 6) << 8) + 77
    np.testing.assert_array_equal(decode(encode(deep))[..., 0], np.arange(24).reshape(4, 6))


def test_transparency_and_palettes_become_colours() -> None:
    clear = np.zeros((2, 2, 4), np.uint8)
    clear[..., 1] = 9
    np.testing.assert_array_equal(decode(encode(clear)), clear[..., :3])
    assert decode(saved(Image.fromarray(clear[..., :3]).quantize(4))).shape == (2, 2, 3)


def test_a_photo_that_lies_on_its_side_is_turned_upright() -> None:
    image = Image.fromarray(RAMP)
    exif = image.getexif()
    exif[0x0112] = 6  # turn by 90 degrees, clockwise
    np.testing.assert_array_equal(decode(saved(image, exif=exif))[..., 0], np.rot90(RAMP, -1))


def test_a_shape_is_covered_and_cut_around_the_middle() -> None:
    wide = np.zeros((4, 12), np.uint8)
    wide[:, 4:8] = 200
    found = decode(encode(wide), (4, 4, 1))
    np.testing.assert_array_equal(found, np.full((4, 4, 1), 200))
    assert decode(encode(wide), (2, 2, 3)).shape == (2, 2, 3)
    assert decode(png(64, 48, 3, value=80, form="JPEG"), (7, 5, 3)).shape == (7, 5, 3)
    assert np.ptp(decode(png(640, 480, 3, value=80, form="JPEG"), (7, 5, 3)).astype(int) - 80) <= 2


def test_halving_is_the_mean_of_the_pixels() -> None:
    """Bilinear with the support of the old pixels: of a checkerboard nothing but its mean is left."""
    board = np.indices((16, 16)).sum(axis=0) % 2 * np.uint8(200)
    found = decode(encode(board.astype(np.uint8)), (4, 4, 1)).astype(int)
    assert abs(found - 100).max() <= 2


def test_colour_to_grey_by_the_weights_of_bt_601() -> None:
    pixel = np.zeros((1, 1, 3), np.uint8)
    for channel, weight in enumerate((0.299, 0.587, 0.114)):
        one = pixel.copy()
        one[..., channel] = 200
        assert decode(encode(one), (1, 1, 1))[0, 0, 0] == pytest.approx(200 * weight, abs=1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no image"),
        (b"<html>not found</html>", "no image"),
        (png(64, 64, 3, value=5)[:60], ""),
        (png(64, 64, 3, form="JPEG")[:400], ""),
        (np.zeros((2, 2)), "float64 values of shape (2, 2)"),
        (np.full((2, 2), 300), "no pixels"),
    ],
)
def test_what_is_no_image_says_so(content, words: str) -> None:
    with pytest.raises(Broken) as error:
        decode(content)
    assert words in str(error.value)


def test_no_flipped_byte_gets_through_as_a_traceback() -> None:
    whole = encode(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8))
    for place in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0x55
        try:
            assert decode(bytes(spoilt)).dtype == np.uint8
        except Broken as reason:
            assert str(reason)
