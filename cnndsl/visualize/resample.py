"""Maps and images brought to another size, or enlarged around their middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.data.augment.rotate import between

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


def resized(x: Array, extents: tuple[int, int]) -> Array:
    """Maps (N, H, W, C) at other extents, straight between the middles of their cells; the ends go on to the border."""
    places = [
        np.clip((np.arange(wanted) + 0.5) * have / wanted - 0.5, 0, have - 1)
        for wanted, have in zip(extents, x.shape[1:3])
    ]
    return _at(x, *places)


def enlarged(x: Array, factor: float) -> Array:
    """Images (N, H, W, C) of the same size, enlarged around their middle, with zeros where there was nothing."""
    middles = [(extent - 1) / 2 for extent in x.shape[1:3]]
    places = [middle + (np.arange(extent) - middle) / factor for extent, middle in zip(x.shape[1:3], middles)]
    return _at(x, *places)


def _at(x: Array, rows: Array, columns: Array) -> Array:
    down, right = np.meshgrid(rows, columns, indexing="ij")
    shape = (len(x), *down.shape)
    return between(x, np.broadcast_to(down, shape), np.broadcast_to(right, shape))
