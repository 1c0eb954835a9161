"""Invariance: how little a layer answers differently when the image changes, and what a maximum has learned of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.paths import layer_at
from cnndsl.chart import Line, Panel, draw
from cnndsl.data.decoded import pillow
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.visualize import LayerDoesNotDo
from cnndsl.graph import Graph
from cnndsl.train.choices import choose
from cnndsl.visualize.equivariance import checked, relative
from cnndsl.visualize.probe import images
from cnndsl.visualize.result import Result
from cnndsl.visualize.transform import Transform
from cnndsl.visualize.unit import Unit, unit

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

#: images that it takes to say which are the ones that a unit fires for, and the part of them that it fires for
ENOUGH, RATE = 100, 0.01
#: of a layer's units the part that counts: the best
BEST = 0.2


class Invariance(Result):
    """For each layer and amount the relative change ||f(Tx) - f(x)|| / ||f(x)||, `changes` (layers, amounts).

    `scores` are the layers' invariance scores (L / G of its best fifth of units), None for too few images.
    """

    paths: tuple[str, ...]
    transform: Transform
    amounts: tuple[float, ...]
    changes: Array
    scores: tuple[float | None, ...]

    def png(self) -> bytes:
        pillow()
        start = ((self.transform.none, 0.0),)
        lines = [
            Line(path, tuple(sorted((*start, *zip(self.amounts, row)))))
            for path, row in zip(self.paths, self.changes.tolist(), strict=True)
        ]
        across = f"{self.transform.kind}, {self.transform.unit}"
        return draw([Panel("relative change", across, tuple(lines))], "png")

    def lines(self) -> tuple[str, ...]:
        found = []
        for path, row, score in zip(self.paths, self.changes.tolist(), self.scores, strict=True):
            told = ", ".join(f"{amount:g}: {change:.2%}" for amount, change in zip(self.amounts, row))
            scored = "" if score is None else f"; invariance score {score:.4g}"
            found.append(f"{path}, change by {self.transform.kind} ({self.transform.unit}) {told}{scored}")
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        layers = {
            path: {"changes": row, "score": score}
            for path, row, score in zip(self.paths, self.changes.tolist(), self.scores, strict=True)
        }
        return {"transform": self.transform.kind, "amounts": list(self.amounts), "layers": layers}


class Responses(Result):
    """The answers of a unit that takes a maximum, and of its detectors: `curves` (1 + detectors, amounts).

    Each is the mean over the images of the value, at its position or the largest of all positions. `kept` is the
    least of a curve divided by its largest: 1 means that it is invariant, and each detector alone is less so.
    """

    unit: Unit
    detectors: tuple[Unit, ...]
    transform: Transform
    amounts: tuple[float, ...]
    curves: Array

    @property
    def kept(self) -> tuple[float, ...]:
        most = self.curves.max(axis=1)
        found = self.curves.min(axis=1) / np.where(most > 0, most, 1)
        return tuple(float(part) for part in np.where(most > 0, found, 0.0))

    def png(self) -> bytes:
        pillow()
        named = zip((self.unit, *self.detectors), self.curves.tolist(), strict=True)
        lines = [
            Line(str(each), tuple(sorted(zip(self.amounts, curve))), dashed=number > 0)
            for number, (each, curve) in enumerate(named)
        ]
        across = f"{self.transform.kind}, {self.transform.unit}"
        return draw([Panel("response", across, tuple(lines))], "png")

    def lines(self) -> tuple[str, ...]:
        named = zip((self.unit, *self.detectors), self.kept, strict=True)
        return tuple(f"{each} keeps {kept:.1%} of its largest response" for each, kept in named)

    def to_dict(self) -> dict[str, Any]:
        named = zip((self.unit, *self.detectors), self.curves.tolist(), self.kept, strict=True)
        curves = [{"unit": str(each), "curve": curve, "kept": kept} for each, curve, kept in named]
        return {"transform": self.transform.kind, "amounts": list(self.amounts), "curves": curves}


def invariance(
    model: Reuse,
    x: Any,
    at: str | Sequence[str],
    transform: str | Transform = "shift",
    amounts: Iterable[float] | None = None,
) -> Invariance:
    """How much less each layer of `at` changes than those before it when images are transformed.

    For one path the layer that it reads is measured too: of a pool, what pooling takes away. With 100 images
    or more each layer has the invariance score of I. Goodfellow et al., Measuring invariances in deep networks, 2009
    (`score`). Raises CnnError: E063, E521, E523, E574, and for the images.
    """
    chosen, given = choose(Transform, transform), images(model, x)
    tried, paths = checked(chosen, amounts), _compared(model.net.graph, at)
    changes, scores = np.empty((len(paths), len(tried))), []
    moved = [chosen.images(given, amount) for amount in tried]
    for row, path in enumerate(paths):
        values = model.features(given, at=path)
        others = [model.features(each, at=path) for each in moved]
        changes[row] = [relative(other, values) for other in others]
        middle = [_middle(each) for each in (values, *others)]
        scores.append(score(middle[0], np.stack(middle[1:])) if len(given) >= ENOUGH else None)
    return Invariance(paths, chosen, tried, changes, tuple(scores))


def score(values: Array, changed: Array, rate: float = RATE) -> float:
    """The mean over the best fifth of units of L / G, from values (N, units) and those of transforms (T, N, units).

    A unit fires where it reaches the threshold that a part `rate` of the N images reaches, which is G. L is how
    often it fires for the transforms of those images. A unit that always answers the same has 1 / G; one that
    answers at random 1. I. Goodfellow et al., 2009.
    """
    count = max(1, round(rate * len(values)))
    threshold = np.sort(values, axis=0)[-count]
    fires = values >= threshold
    overall = fires.mean(axis=0)
    local = ((changed >= threshold) & fires).mean(axis=(0, 1)) / overall
    ratios = np.sort(local / overall)[::-1]
    return float(ratios[: max(1, round(BEST * len(ratios)))].mean())


def responses(
    model: Reuse,
    x: Any,
    wanted: str | Unit,
    transform: str | Transform = "rotate",
    amounts: Iterable[float] | None = None,
) -> Responses:
    """What a unit of a `maxout` or a `maximum` answers to transformed images, beside the detectors it chooses among.

    A maximum over detectors of the same thing in different places, angles or sizes does not change with them though
    each of them does (I. Goodfellow et al., Deep learning, 2016, figure 9.9; Maxout networks, 2013). Raises CnnError:
    E571, E572, E063, E064, E577 (no maximum there), E521, E523, E574, and for the images.
    """
    graph = model.net.graph
    chosen, given, seen = choose(Transform, transform), images(model, x), unit(graph, wanted)
    tried = checked(chosen, amounts)
    parts = detectors(graph, seen)
    curves = np.array([
        [float(_answer(model, chosen.images(given, amount), part).mean()) for amount in tried]
        for part in (seen, *parts)
    ])  # fmt: skip
    return Responses(seen, parts, chosen, tried, curves)


def detectors(graph: Graph, seen: Unit) -> tuple[Unit, ...]:
    """The units that a unit is the largest of. Raises CnnError (E577) where it is of none."""
    node = layer_at(graph, seen.path)
    found = node.layer.detectors(seen.channel, *graph.feeds(node))
    if not found:
        others = tuple(each.path for each in graph if each.layer.detectors(0, *graph.feeds(each)))
        raise LayerDoesNotDo(NOWHERE, seen.path, "it takes no maximum over detectors", others).error()
    return tuple(Unit(graph.nodes[node.inputs[number]].path, channel, seen.position) for number, channel in found)


def _answer(model: Reuse, x: Array, seen: Unit) -> Array:
    """The value of a unit for each image (N,): at its position, or the largest."""
    values = model.features(x, at=seen.path)[..., seen.channel]
    if seen.position is not None:
        for place in seen.position:
            values = values[:, place]
    found: Array = values.reshape(len(x), -1).max(axis=1)
    return found


def _middle(values: Array) -> Array:
    """One value for each unit (N, units): of maps that in the middle."""
    while values.ndim > 2:
        values = values[:, values.shape[1] // 2]
    return values


def _compared(graph: Graph, at: str | Sequence[str]) -> tuple[str, ...]:
    paths = (at,) if isinstance(at, str) else tuple(at)
    nodes = [layer_at(graph, path) for path in paths]
    if len(nodes) == 1 and nodes[0].inputs:
        nodes.insert(0, graph.nodes[nodes[0].inputs[0]])
    return tuple(node.path for node in nodes)
