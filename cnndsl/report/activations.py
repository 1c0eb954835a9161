"""What the layers of a trained net give for some examples, as images of their channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.lower import lower
from cnndsl.report.pixels import text
from cnndsl.train.transfer import looking

if TYPE_CHECKING:
    from cnndsl.train.model import Model

#: channels that are shown of a layer, and the longest side of their images: of a larger one every n-th cell
CHANNELS, SIDE = 8, 28
#: of a net with more layers to show than this only so many examples are taken
MANY, FEW = 24, 3


def activations(model: Model, x: Any) -> dict[str, Any]:
    """For each convolution, pool and fully connected layer: its images, the examples first, and what they lie between.

    `maps` are by the layer's number; `shape` is (examples, height, width, channels), a vector one row high.
    """
    graph = model.net.graph
    shown = _stored(model)
    taken = few(model, x)
    name = next(iter(graph.inputs))
    found = looking(model, lower(graph.replace(outputs=shown))).predict({name: taken})
    return {number: _written(np.asarray(found[number])) for number in shown if found[number].ndim in (2, 4)}


def few(model: Model, x: Any) -> Any:
    """The examples that are looked into: all, or of a deep net the first."""
    return x[:FEW] if len(_stored(model)) > MANY else x


def _stored(model: Model) -> dict[str, int]:
    """The layers that are shown, by their numbers as text, which name outputs."""
    return {str(node.number): node.number for node in model.net.graph if node.layer.stored and node.inputs}


def _written(values: Any) -> dict[str, Any]:
    if values.ndim == 2:
        values = values[:, None, : SIDE * 8, None]
    step = max(-(-max(values.shape[1:3]) // SIDE), 1) if values.shape[1] > 1 else 1
    shown = values[:, ::step, ::step, :CHANNELS]
    low, high = float(shown.min()), float(shown.max())
    pixels = np.rint((shown - low) / ((high - low) or 1) * 255).astype(np.uint8)
    return {"shape": shown.shape, "all": values.shape[-1], "low": low, "high": high, "pixels": text(pixels)}
