"""Occlusion: how a score changes when a square of the image is covered, wherever it is laid."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.train.choices import whole
from cnndsl.visualize.aim import Aim
from cnndsl.visualize.laid import laid_over
from cnndsl.visualize.probe import images
from cnndsl.visualize.result import Result
from cnndsl.visualize.unit import Unit

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse


class Occlusion(Result):
    """Of images `x` (N, H, W, C): `drops` (N, rows, columns), by how much each covered square lowers the score.

    `tops` and `lefts` are the squares' first rows and columns. `maps` (N, H, W) is at each pixel the mean drop of the
    squares that cover it.
    """

    units: tuple[Unit, ...]
    x: Array
    scores: Array
    size: int
    tops: tuple[int, ...]
    lefts: tuple[int, ...]
    drops: Array

    @property
    def maps(self) -> Array:
        total, count = np.zeros(self.x.shape[:3]), np.zeros(self.x.shape[:3])
        for (row, top), (column, left) in product(enumerate(self.tops), enumerate(self.lefts)):
            square = (slice(None), slice(top, top + self.size), slice(left, left + self.size))
            total[square] += self.drops[:, row, column, None, None]
            count[square] += 1
        return total / np.maximum(count, 1)

    def png(self) -> bytes:
        return laid_over(self.x, self.maps, self.units, "occlusion")

    def lines(self) -> tuple[str, ...]:
        return tuple(self._line(number) for number in range(len(self.x)))

    def _line(self, number: int) -> str:
        row, column = np.unravel_index(int(self.drops[number].argmax()), self.drops.shape[1:])
        place = f"row {self.tops[row]}, column {self.lefts[column]}"
        most = f"falls most, by {self.drops[number].max():.4g}, under the square at {place}"
        return f"image {number}: {self.units[number]} is {self.scores[number]:.4g}, {most}"

    def to_dict(self) -> dict[str, Any]:
        places = {"size": self.size, "tops": list(self.tops), "lefts": list(self.lefts)}
        shown = {"units": [str(unit) for unit in self.units], "scores": self.scores.tolist()}
        return {**shown, **places, "drops": self.drops.tolist()}


def occlusion(
    model: Reuse,
    x: Any,
    target: int | str | Unit | None = None,
    *,
    size: int | None = None,
    stride: int | None = None,
    fill: float | None = None,
) -> Occlusion:
    """Covers squares of `size` pixels, `stride` apart, and tells how far the score falls: S(x) - S(x covered).

    By default a quarter of the shorter side, half of that apart, filled with the image's own mean in each channel.
    `target` is as for `saliency`. M. Zeiler and R. Fergus, Visualizing and understanding convolutional networks,
    2014. Raises CnnError: E523 (a square larger than the image), E571, E572, E574, and for the images.
    """
    given = images(model, x)
    height, width = given.shape[1:3]
    size = whole("occlusion", "size", max(1, min(height, width) // 4) if size is None else size, 1)
    stride = whole("occlusion", "stride", max(1, size // 2) if stride is None else stride, 1)
    if size > min(height, width):
        wanted = f"at most {min(height, width)}, the shorter side of the image"
        raise BadSetting(NOWHERE, "occlusion", "size", size, wanted, max(1, min(height, width) // 4)).error()
    aim = Aim(model, given, target)
    tops, lefts = _starts(height, size, stride), _starts(width, size, stride)
    scores = np.array([aim.scores(image[None], number)[0] for number, image in enumerate(given)])
    drops = np.empty((len(given), len(tops), len(lefts)))
    for number, image in enumerate(given):
        for row, top in enumerate(tops):
            covered = np.repeat(image[None], len(lefts), axis=0)
            for column, left in enumerate(lefts):
                cover = image.mean(axis=(0, 1)) if fill is None else fill
                covered[column, top : top + size, left : left + size] = cover
            drops[number, row] = scores[number] - aim.scores(covered, number)
    return Occlusion(aim.units, given, scores, size, tops, lefts, drops)


def _starts(extent: int, size: int, stride: int) -> tuple[int, ...]:
    """Where squares begin: a last one ends at the border, so that every pixel is covered."""
    found = list(range(0, extent - size + 1, stride))
    return tuple(found if found[-1] == extent - size else [*found, extent - size])
