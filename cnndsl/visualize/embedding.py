"""Embedding: examples as points of a plane, near each other where a layer gives nearly the same for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from cnndsl.analysis.paths import layer_at
from cnndsl.data import part_of
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import UnknownChoice
from cnndsl.errors.visualize import NoSklearn, TooFewExamples
from cnndsl.graph import Graph
from cnndsl.suggest import closest
from cnndsl.train.choices import whole
from cnndsl.visualize.result import Result
from cnndsl.visualize.scatter import scatter

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.data.part import Part
    from cnndsl.train.model import Model

METHODS = ("pca", "tsne")


class Embedding(Result):
    """`points` (N, 2) of N examples, their `labels` (N,) or None, the names of the classes.

    `shares` is, of principal components, how much of the variance each of the two holds.
    """

    path: str
    method: str
    points: Array
    labels: Array | None
    names: tuple[str, ...]
    shares: tuple[float, ...] = ()

    def png(self) -> bytes:
        return scatter(self.points, self.labels, self.names, self.lines()[0])

    def lines(self) -> tuple[str, ...]:
        held = f", {sum(self.shares):.1%} of the variance" if self.shares else ""
        return (f"{self.method} of {len(self.points):,} examples at {self.path}{held}",)

    def to_dict(self) -> dict[str, Any]:
        labels = None if self.labels is None else self.labels.tolist()
        found = {"path": self.path, "method": self.method, "shares": list(self.shares)}
        return {**found, "points": self.points.tolist(), "labels": labels, "names": list(self.names)}


def embedding(
    model: Model, data: Any, at: str = "", method: str = "pca", *, examples: int = 1000, seed: int = 0
) -> Embedding:
    """The first `examples` examples by what the layer `at` gives for them, in two dimensions.

    `at` is by default what the last layer with weights reads. `method` is `pca` or `tsne` (L. van der Maaten and
    G. Hinton, Visualizing data using t-SNE, 2008; by scikit-learn). `data` is a pair (x, y), or what `model.predict`
    takes; without labels the points have one colour. Raises CnnError: E063, E521, E576, E578, and for the data.
    """
    if method not in METHODS:
        raise UnknownChoice(NOWHERE, "embedding", str(method), METHODS, closest(str(method), METHODS) or "").error()
    examples = whole("embedding", "examples", examples, 3)
    path = layer_at(model.net.graph, at).path if at else _usual(model.net.graph)
    x, labels, names = _taken(model, data, examples)
    values = np.asarray(model.features(x, at=path), np.float64).reshape(len(x), -1)
    if method == "tsne":
        return Embedding(path, method, tsne(values, seed), labels, names)
    points, shares = pca(values)
    return Embedding(path, method, points, labels, names, shares)


def pca(values: Array, count: int = 2) -> tuple[Array, tuple[float, ...]]:
    """The first `count` principal components of rows (N, D), and the part of the variance that each holds.

    From the singular value decomposition of the centred rows, U S (K. Pearson, 1901; H. Hotelling, 1933). The sign is
    that which makes the largest weight of a component positive. Raises CnnError (E578) for fewer rows than components.
    """
    if len(values) <= count:
        raise TooFewExamples(NOWHERE, "pca", count + 1, len(values)).error()
    centred = values - values.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    found = min(count, len(sizes))
    largest = np.abs(right[:found]).argmax(axis=1)
    signs = np.where(right[np.arange(found), largest] < 0, -1.0, 1.0)
    points = np.zeros((len(values), count))
    points[:, :found] = left[:, :found] * sizes[:found] * signs
    total = float((sizes**2).sum()) or 1.0
    return points, tuple(float(size**2) / total for size in sizes[:found])


def tsne(values: Array, seed: int = 0) -> Array:
    """t-SNE in two dimensions, from the principal components on. Raises CnnError: E576 (no scikit-learn), E578."""
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise NoSklearn(NOWHERE).error() from None
    if len(values) < 5:
        raise TooFewExamples(NOWHERE, "t-SNE", 5, len(values)).error()
    perplexity = min(30.0, (len(values) - 1) / 3)
    with threadpool_limits(1):  # its threads wait for each other longer than they compute
        found: Array = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(
            values.astype(np.float32)
        )
    return found


def _usual(graph: Graph) -> str:
    """What the last layer with weights reads."""
    learning = [node for node in graph if node.layer.learns and node.inputs]
    node = graph.nodes[learning[-1].inputs[0]] if learning else graph.nodes[-1]
    return node.path


def _read(part: Part, examples: int) -> tuple[Any, Any]:
    """The first examples of a part, and their targets; no more blocks than that takes."""
    blocks, count = [], 0
    for block in part.blocks(examples):
        blocks.append(block)
        count += len(block.y)
        if count >= examples:
            break
    return np.concatenate([block.x for block in blocks]), np.concatenate([block.y for block in blocks])


def _taken(model: Model, data: Any, examples: int) -> tuple[Array, Array | None, tuple[str, ...]]:
    """The first examples, their labels if they have any, and what these mean."""
    labels, names = None, tuple(model.class_names)
    if isinstance(data, tuple) and len(data) == 2:
        x, labels = data
    elif (part := part_of(data, "test")) is not None:
        x, labels = _read(part, examples)
        names = part.class_names or names
    else:
        x = data
    x = next(iter(model.task.check_inputs(x[:examples]).values()))
    if labels is not None:
        labels = np.asarray(labels)[:examples]
        labels = labels if labels.ndim == 1 and labels.dtype.kind in "iu" and len(labels) == len(x) else None
    return x, labels, names
