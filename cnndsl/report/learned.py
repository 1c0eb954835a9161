"""What a net has learned: its filters, and on some data its scores, its confusion matrix and its worst mistakes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.graph import Graph
from cnndsl.report.activations import activations, few
from cnndsl.report.kernels import kernels, slid
from cnndsl.report.looks import looks
from cnndsl.report.nearness import nearness
from cnndsl.report.pixels import text
from cnndsl.report.reasons import reasons
from cnndsl.train import weights
from cnndsl.train.build import compile_model
from cnndsl.train.sights import probabilities
from cnndsl.visualize.colours import around_grey, stretched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cnndsl.data.arrays import Array
    from cnndsl.data.dataset import Dataset
    from cnndsl.net import Net
    from cnndsl.train.model import Model

#: examples that are looked at, in blocks of so many
EXAMPLES, BLOCK = 2_000, 250
#: the parts of a data set, the one that is shown first
PREFERRED = ("test", "validation", "train")
#: examples that are shown, and classes for each
SHOWN, BEST = 12, 5
#: filters that are shown of a layer, and channels of each (all three of a colour image)
FILTERS, CHANNELS = 32, 8


def learned(net: Net, path: str | Path, data: Dataset | str | None = None) -> dict[str, Any]:
    """The filters in a file of weights, and what the net then says to the test examples of some data.

    Data without test examples is shown by its validation part, else by what it was trained on. Raises CnnError for
    weights that do not fit (E541, E542), and for data that does not (E501 to E518).
    """
    made = weights.load(path)[1]
    model = compile_model(net, loss=made.losses if made else "cross_entropy")
    model.load(path)
    arrays = model.engine.arrays()
    found: dict[str, Any] = {
        "filters": dict(_filters(net.graph, arrays)),
        "kernels": dict(kernels(net.graph, arrays)),
    }
    return {"learned": found if data is None else {**found, **_on(model, data)}}


def _filters(graph: Graph, arrays: Mapping[str, Array]) -> Any:
    """For each layer whose weights are images: [filters, height, width, channels], the bytes, what 127 stands for."""
    for node in graph:
        weight = slid(graph, node, arrays)
        if weight is None or weight.ndim != 4:
            continue
        colour = weight.shape[-1] == 3
        shown = weight[:FILTERS, :, :, : 3 if colour else CHANNELS]
        most = float(np.abs(shown).max()) or 1.0
        yield (
            node.number,
            {"shape": shown.shape, "all": weight.shape, "most": most, "pixels": text(around_grey(shown, most))},
        )


def _on(model: Model, given: Dataset | str) -> dict[str, Any]:
    """Scores on some data; `missing` says why there are none."""
    from cnndsl import data

    volumes, ends = tuple(model.net.inputs.values()), tuple(model.net.outputs.values())
    one = len(volumes) == len(ends) == 1 and ends[0].rank == 0
    if not one or volumes[0].rank != 2 or volumes[0].channels not in (1, 3):
        return {"missing": "scores are shown of nets with one image as input and one vector of classes as output"}
    dataset = data.open(given) if isinstance(given, str) else given
    name = next(name for name in PREFERRED if name in dataset.parts)
    part = dataset.parts[name]
    blocks = [(block.x, block.y) for block in islice(part.blocks(BLOCK), EXAMPLES // BLOCK)]
    x, y = (np.concatenate([np.asarray(block[k]) for block in blocks]) for k in (0, 1))
    if y.ndim != 1 or y.dtype.kind not in "iu":
        return {
            "missing": f"scores are shown of data with a class for every example, and {dataset.name} has other targets"
        }
    scores = probabilities(np.asarray(model.predict(x)))
    found = _scored(x, y, scores, dataset.class_names or model.class_names)
    shown = x[firsts(y)]
    seen = {"maps": activations(model, shown), "reasons": reasons(model, few(model, shown))}
    planes = nearness(model, x, y, scores.argmax(axis=1))
    more = looks(model, x, few(model, shown))
    return {**found, "part": f"{name} examples of {dataset.name}", **seen, "planes": planes, **more}


def firsts(y: Any) -> list[int]:
    """The numbers of the examples that are shown: the first of each class, in the order in which they come."""
    return sorted(map(int, np.unique(y, return_index=True)[1]))[:SHOWN]


def _scored(x: Any, y: Any, scores: Any, names: tuple[str, ...]) -> dict[str, Any]:
    guesses = scores.argmax(axis=1)
    pairs, counts = np.unique(np.stack([y, guesses], axis=1), axis=0, return_counts=True)
    wrong = np.flatnonzero(guesses != y)
    worst = wrong[np.argsort(-scores[wrong, guesses[wrong]], kind="stable")][:SHOWN]
    return {
        "classes": list(names) or [str(number) for number in range(scores.shape[1])],
        "examples": len(y),
        "right": int((guesses == y).sum()),
        "confusion": [[*map(int, pair), int(count)] for pair, count in zip(pairs, counts, strict=True)],
        "images": [_shown(x[number], y[number], scores[number]) for number in firsts(y)],
        "mistakes": [_shown(x[number], y[number], scores[number]) for number in worst],
    }


def _shown(image: Any, label: Any, scores: Any) -> dict[str, Any]:
    """An example: its size, its bytes between its darkest and its brightest value, its class, the best guesses."""
    best = np.argsort(-scores, kind="stable")[:BEST]
    top = [[int(number), round(float(scores[number]), 4)] for number in best]
    return {"shape": image.shape, "pixels": text(stretched(image)), "label": int(label), "top": top}
