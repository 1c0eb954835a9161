"""The examples as points of a plane, near each other where the net makes nearly the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.diagnostic import CnnError
from cnndsl.visualize import embedding

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.model import Model

#: examples that become points; places in a plane of so many steps along its longer side
EXAMPLES, STEPS = 500, 1000


def nearness(model: Model, x: Array, y: Array, guesses: Array) -> dict[str, Any] | None:
    """Two principal components of what the last layer with weights reads: [x, y, class, guess] for each example.

    None for fewer examples than that takes.
    """
    try:
        found = embedding(model, (x[:EXAMPLES], y[:EXAMPLES]), examples=EXAMPLES)
    except CnnError:
        return None
    low = found.points.min(axis=0)
    places = np.rint((found.points - low) / (float(np.ptp(found.points, axis=0).max()) or 1.0) * STEPS).astype(int)
    rows = np.column_stack([places, y[: len(places)], guesses[: len(places)]])
    return {"path": found.path, "share": round(sum(found.shares), 4), "points": rows.tolist()}
