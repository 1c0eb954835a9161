"""The data of a training, as its settings say and as the net wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnndsl.data.dataset import Dataset
    from cnndsl.net import Net


def opened(settings: Mapping[str, Any], net: Net) -> Dataset:
    """The data that is named; images of files are brought to the size of the net's input. Raises CnnError."""
    from cnndsl import data

    return data.open(
        settings["data"],
        validation=settings["validation"],
        seed=settings["seed"],
        corrupt=settings["corrupt"],
        shape=_size(net),
    )


def _size(net: Net) -> tuple[int, ...] | None:
    """Height, width and channels of the only input, if images can have them."""
    shapes = [volume.shape for volume in net.inputs.values()]
    return shapes[0] if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][2] in (1, 3) else None
