"""Aim: the score of a unit or a class of each image, and its slopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.visualize.probe import Probe, Slopes
from cnndsl.visualize.unit import Unit, meant, output

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse


class Aim:
    """What is asked about images `x` (N, H, W, C): `units`, one for each, whose mean over its positions is the score.

    `through` is a layer on the way whose values and slopes are wanted too.
    """

    def __init__(self, model: Reuse, x: Array, target: Any, through: str = "") -> None:
        wanted = meant(model, target)
        path = output(model).path if wanted is None else wanted.path
        self.probe, self.x = Probe(model, path, through), x
        self.units = self._likeliest(path) if wanted is None else (wanted,) * len(x)
        self.directions = np.stack([unit.direction(self.probe.shape) for unit in self.units])

    def _likeliest(self, path: str) -> tuple[Unit, ...]:
        values = self.probe.values(self.x)
        means = values.reshape(len(values), -1, values.shape[-1]).mean(axis=1)
        return tuple(Unit(path, int(channel)) for channel in means.argmax(axis=1))

    def scores(self, x: Array, number: int) -> Array:
        """The score of image number `number`'s unit for other images (N, H, W, C): (N,)."""
        values = self.probe.values(x) * self.directions[number]
        found: Array = values.reshape(len(x), -1).sum(axis=1)
        return found

    def slopes(self, x: Array, number: int | None = None) -> Slopes:
        """Scores and slopes of as many images as there are units, or of any number for one image's unit."""
        if number is None:
            return self.probe.slopes(x, self.directions)
        return self.probe.slopes(x, np.repeat(self.directions[number : number + 1], len(x), axis=0))
