"""The examples as points of a plane, near each other where the net makes nearly the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.diagnostic import CnnError
from cnndsl.visualize import embedding

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.model import Model

#: examples that become points, by principal components and by t-SNE; places in a plane of so many steps along its
#: longer side
EXAMPLES, FEW, STEPS = 500, 200, 1000


def nearness(model: Model, x: Array, y: Array, guesses: Array) -> list[dict[str, Any]]:
    """Planes of what the last layer with weights reads: two principal components, and t-SNE where scikit-learn is.

    `points` has [x, y, class, guess] for each example; a plane is left out for fewer examples than it takes.
    """
    found = (_plane(model, (x[:most], y[:most]), method, guesses) for method, most in METHODS.items())
    return [plane for plane in found if plane]


#: the ways to lay out examples, and how many of them
METHODS = {"pca": EXAMPLES, "tsne": FEW}


def _plane(model: Model, examples: tuple[Array, Array], method: str, guesses: Array) -> dict[str, Any] | None:
    try:
        found = embedding(model, examples, method=method, examples=len(examples[0]))
    except CnnError:
        return None
    low = found.points.min(axis=0)
    places = np.rint((found.points - low) / (float(np.ptp(found.points, axis=0).max()) or 1.0) * STEPS).astype(int)
    rows = np.column_stack([places, examples[1], guesses[: len(places)]])
    share = round(sum(found.shares), 4) if found.shares else None
    return {"path": found.path, "method": method, "share": share, "points": rows.tolist()}
