"""Activations: what the channels of a layer make of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.paths import layer_at
from cnndsl.data.sheet import pixels
from cnndsl.visualize.canvas import Tile, sheet
from cnndsl.visualize.colours import grey, stretched
from cnndsl.visualize.probe import images
from cnndsl.visualize.result import Result

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

#: channels that a picture shows, so many in a row; of a vector's values so many
CHANNELS, ABREAST, ROW = 32, 8, 16


class Activations(Result):
    """Of images `x` (N, H, W, C) the values (N, *the layer's volume), in inference mode."""

    path: str
    x: Array
    values: Array

    def png(self) -> bytes:
        low, high = float(self.values.min()), float(self.values.max())
        rows = []
        for image, values in zip(pixels(self.x), self.values, strict=True):
            shown = [Tile(grey(part)) for part in stretched(_maps(values), low, high)]
            for start in range(0, len(shown), ABREAST):
                blank = np.full_like(image, 255)
                rows.append([Tile(blank if start else image), *shown[start : start + ABREAST]])
        return sheet(rows, ["image", self.path]).png()

    def lines(self) -> tuple[str, ...]:
        shape = "x".join(map(str, self.values.shape[1:]))
        return (f"{self.path}: {shape} for {len(self.x)} image{'s' * (len(self.x) != 1)}, {self._range}",)

    @property
    def _range(self) -> str:
        return f"black is {self.values.min():.4g}, white is {self.values.max():.4g}"

    def to_dict(self) -> dict[str, Any]:
        ends = {"least": float(self.values.min()), "greatest": float(self.values.max())}
        return {"path": self.path, "images": len(self.x), "shape": list(self.values.shape[1:]), **ends}


def activations(model: Reuse, x: Any, path: str) -> Activations:
    """What a layer gives for images (N, H, W, C), or one. Raises CnnError: E063, E574, E501 to E506."""
    layer_at(model.net.graph, path)
    given = images(model, x)
    return Activations(path, given, model.features(given, at=path))


def _maps(values: Array) -> Array:
    """The channels as images (channels, height, width); a vector is laid out in rows, a clip's slices side by side."""
    if values.ndim == 1:
        padded = np.pad(values, (0, -len(values) % min(ROW, len(values))), constant_values=values.min())
        return padded.reshape(1, -1, min(ROW, len(values)))
    if values.ndim == 2:
        return values.T[:CHANNELS, None]
    if values.ndim == 4:
        values = values.transpose(1, 0, 2, 3).reshape(values.shape[1], -1, values.shape[3])
    return values.transpose(2, 0, 1)[:CHANNELS]
