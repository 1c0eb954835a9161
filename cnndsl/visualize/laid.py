"""Maps of images as a picture: each beside its image, and laid over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.data.sheet import pixels
from cnndsl.visualize.canvas import Tile, sheet
from cnndsl.visualize.colours import heat, over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnndsl.data.arrays import Array
    from cnndsl.visualize.unit import Unit


def laid_over(x: Array, maps: Array, units: Iterable[Unit], kind: str) -> bytes:
    """A PNG with a row for each image of `x` (N, H, W, C): itself, its map (H, W), and one over the other."""
    rows = []
    for image, found, unit in zip(pixels(x), maps, units, strict=True):
        colours = heat(found)
        rows.append([Tile(image, str(unit)), Tile(colours), Tile(over(image, colours))])
    return sheet(rows, ["image", kind, "over it"], side=112).png()
