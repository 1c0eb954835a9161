"""Equivariance: whether the maps of a layer move along when the image does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.fields import fields
from cnndsl.analysis.paths import layer_at
from cnndsl.data.sheet import pixels
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.errors.visualize import LayerDoesNotDo
from cnndsl.graph import Graph, Node
from cnndsl.record import Record
from cnndsl.train.choices import choose
from cnndsl.train.limits import is_number
from cnndsl.visualize.canvas import Tile, sheet
from cnndsl.visualize.colours import grey, stretched
from cnndsl.visualize.probe import entrance, images
from cnndsl.visualize.result import Result
from cnndsl.visualize.transform import Layout, Transform

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse


class Compared(Record):
    """One amount: ||f(Tx) - T f(x)|| / ||T f(x)|| over `inner` positions and over all, and ||f(Tx) - f(x)|| / ||f(x)||.

    `inner` is None where no position sees the image alone, or where the maps cannot move by that much (a shift that
    the stride does not divide). The shown maps are channel `channel`'s of the first image.
    """

    amount: float
    inner: float | None
    whole: float
    change: float
    image: Array
    given: Array
    wanted: Array

    def to_dict(self) -> dict[str, Any]:
        return {"amount": self.amount, "inner": self.inner, "all": self.whole, "change": self.change}


class Equivariance(Result):
    """How far a layer is from equivariant to a transform, for each amount of it: 0 is exactly."""

    path: str
    transform: Transform
    channel: int
    compared: tuple[Compared, ...]

    def png(self) -> bytes:
        rows = []
        for each in self.compared:
            low, high = (float(end([each.given, each.wanted])) for end in (np.min, np.max))
            shown = [Tile(grey(stretched(part, low, high))) for part in (each.given, each.wanted)]
            gap = Tile(grey(stretched(np.abs(each.given - each.wanted), 0, high - low)), f"off by {_share(each.inner)}")
            image = Tile(pixels(each.image[None])[0], f"{self.transform.kind} {each.amount:g}")
            rows.append([image, *shown, gap])
        return sheet(rows, ["T x", "f(T x)", "T f(x)", "difference"], side=112).png()

    def lines(self) -> tuple[str, ...]:
        kind, unit = self.transform.kind, self.transform.unit
        return tuple(
            f"{self.path}, {kind} by {each.amount:g} {unit}: f(Tx) is off T f(x) by {_share(each.inner)} inside, "
            f"{_share(each.whole)} with the border; off f(x) by {_share(each.change)}"
            for each in self.compared
        )

    def to_dict(self) -> dict[str, Any]:
        compared = [each.to_dict() for each in self.compared]
        return {"path": self.path, "transform": self.transform.kind, "compared": compared}


def equivariance(
    model: Reuse, x: Any, at: str, transform: str | Transform = "shift", amounts: Iterable[float] | None = None
) -> Equivariance:
    """Compares what the layer `at` gives for transformed images with its transformed maps.

    Convolutions move along with a shift by their own definition; pools and strides with those shifts that their
    stride divides; nothing makes them turn or grow along (I. Goodfellow, Y. Bengio and A. Courville, Deep learning,
    2016, 9.2; T. Cohen and M. Welling, Group equivariant convolutional networks, 2016). `transform` is `shift`,
    `rotate` or `zoom`. Raises CnnError: E063, E521, E523, E574, E577, and for the images.
    """
    chosen, given = choose(Transform, transform), images(model, x)
    tried = checked(chosen, amounts)
    layout = layout_of(model, at)
    values = model.features(given, at=at)
    channel = int(values.reshape(-1, values.shape[-1]).std(axis=0).argmax())
    found = []
    for amount in tried:
        moved = chosen.images(given, amount)
        other, wanted = model.features(moved, at=at), chosen.maps(values, amount, layout)
        inner = chosen.inner(amount, layout)
        error = relative(other[:, inner], wanted[:, inner]) if inner.any() else None
        shown = (moved[0], other[0, ..., channel], wanted[0, ..., channel])
        found.append(Compared(amount, error, relative(other, wanted), relative(other, values), *shown))
    return Equivariance(at, chosen, channel, tuple(found))


def checked(transform: Transform, amounts: Iterable[float] | None) -> tuple[float, ...]:
    """The amounts to try, or the transform's usual ones. Raises CnnError (E523)."""
    tried = tuple(transform.amounts if amounts is None else amounts)
    for amount in tried:
        if not is_number(amount):
            raise BadSetting(NOWHERE, transform.kind, "amount", amount, "a number", transform.amounts[0]).error()
        transform.check(amount)
    if not tried:
        raise BadSetting(NOWHERE, transform.kind, "amounts", (), "at least one number", transform.amounts).error()
    return tried


def relative(found: Array, wanted: Array) -> float:
    """||found - wanted|| / ||wanted||, in float64; infinite where only `wanted` is all 0."""
    off = float(np.linalg.norm(np.subtract(found, wanted, dtype=np.float64)))
    size = float(np.linalg.norm(np.asarray(wanted, np.float64)))
    return off / size if size else float("inf") if off else 0.0


def layout_of(model: Reuse, path: str) -> Layout:
    """How a layer's positions lie over the image. Raises CnnError: E063, E574, E577 (it has no rows and columns)."""
    graph = model.net.graph
    node, (name, shape) = layer_at(graph, path), entrance(model)
    if not _has_maps(graph, node, name):
        others = tuple(each.path for each in graph if each.inputs and _has_maps(graph, each, name))
        raise LayerDoesNotDo(NOWHERE, path, "it has no maps of rows and columns", others).error()
    down, right = fields(graph)[node.number][name]
    return Layout((down, right), (node.volume.shape[0], node.volume.shape[1]), (shape[0], shape[1]))


def _has_maps(graph: Graph, node: Node, name: str) -> bool:
    return node.volume.rank == 2 and len(fields(graph)[node.number].get(name, ())) == 2


def _share(part: float | None) -> str:
    return "-" if part is None else f"{part:.2%}" if part >= 1e-4 or part == 0 else f"{part:.1e}"
