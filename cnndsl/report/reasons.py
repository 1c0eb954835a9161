"""Why a net says what it says of the examples that are shown: maps over their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.diagnostic import CnnError
from cnndsl.report.budget import runs
from cnndsl.report.pixels import text
from cnndsl.visualize import occlusion, saliency
from cnndsl.visualize.colours import heat

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.model import Model

#: how the ways are called, and the longest side of a map: of a larger one every n-th cell
WAYS, SIDE = {"integrated": "integrated gradients", "smoothgrad": "SmoothGrad", "grad_cam": "Grad-CAM"}, 64


#: places of the covering square: a quarter of the shorter side, half of that apart, of a square image
SQUARES = 81


def reasons(model: Model, x: Any) -> list[dict[str, Any]]:
    """For each way to tell which pixels the likeliest class depends on, its name and a coloured map of each example.

    A net without maps of several positions has no Grad-CAM; a large net has occlusion of fewer examples, or of none.
    """
    found = []
    for way, name in WAYS.items():
        try:
            found.append(_coloured(name, saliency(model, x, way).maps))
        except CnnError:
            continue
    covered = x[: runs(model.net.graph) // SQUARES]
    return [*found, _coloured("occlusion", occlusion(model, covered).maps)] if len(covered) else found


def _coloured(name: str, maps: Array) -> dict[str, Any]:
    step = max(-(-max(maps.shape[1:]) // SIDE), 1)
    shown = [heat(each[::step, ::step]) for each in maps]
    return {"name": name, "images": [{"shape": each.shape, "pixels": text(each)} for each in shown]}
