"""Top: the images of a data set that activate a unit most, and what of them it sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.field import AxisField
from cnndsl.analysis.fields import fields
from cnndsl.analysis.paths import layer_at
from cnndsl.data.sheet import pixels
from cnndsl.record import Record
from cnndsl.train.choices import whole
from cnndsl.visualize.canvas import Tile, sheet
from cnndsl.visualize.probe import Probe
from cnndsl.visualize.result import Result
from cnndsl.visualize.unit import Unit, units

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

#: units that are looked at where a layer is named alone
UNITS = 16

Box = tuple[tuple[int, int], ...]


class Best(Record):
    """One image: its number in the data, the unit's value, at which position, and the patch that it sees there.

    `box` is the patch's first and last row, and column, of the image, cells beyond the border included, which are 0
    in `patch` (height, width, C).
    """

    number: int
    value: float
    position: tuple[int, ...]
    box: Box
    patch: Array

    def to_dict(self) -> dict[str, Any]:
        box = [list(ends) for ends in self.box]
        return {"number": self.number, "value": self.value, "position": list(self.position), "box": box}


class Top(Result):
    """For each unit the images that activate it most, the most first; of equal ones the first."""

    units: tuple[Unit, ...]
    best: tuple[tuple[Best, ...], ...]
    examples: int

    def png(self) -> bytes:
        rows = [
            [Tile(pixels(each.patch[None])[0], f"{unit}  {each.value:.3g}" if not place else f"{each.value:.3g}")
             for place, each in enumerate(best)]
            for unit, best in zip(self.units, self.best, strict=True)
        ]  # fmt: skip
        return sheet(rows).png()

    def lines(self) -> tuple[str, ...]:
        told = [
            f"{unit}: {', '.join(f'image {each.number} ({each.value:.4g})' for each in best[:5])}"
            for unit, best in zip(self.units, self.best, strict=True)
        ]
        return (f"the most active of {self.examples:,} images", *told)

    def to_dict(self) -> dict[str, Any]:
        found = {str(unit): [each.to_dict() for each in best] for unit, best in zip(self.units, self.best, strict=True)}
        return {"examples": self.examples, "units": found}


def top(
    model: Reuse, data: Any, wanted: str | Unit, count: int = 9, *, most: int = UNITS, batch_size: int = 256
) -> Top:
    """The `count` images of some data whose value at a unit is largest, anywhere or at the position that it names.

    `wanted` is a unit such as `conv2:5`, or a layer for its first `most` channels; `data` what `model.predict` takes.
    The patch is the receptive field of the position where the value was found (M. Zeiler and R. Fergus, Visualizing
    and understanding convolutional networks, 2014). Raises CnnError: E063, E064, E571 to E574, and for the data.
    """
    count, batch_size = whole("top", "count", count, 1), whole("top", "batch_size", batch_size, 1)
    chosen = units(model.net.graph, wanted, whole("top", "most", most, 1))
    probe = Probe(model, chosen[0].path)
    node = layer_at(model.net.graph, chosen[0].path)
    axes = fields(model.net.graph)[node.number].get(probe.input, ())
    best: list[list[Best]] = [[] for _ in chosen]
    seen = 0
    with closing(model.task.input_feed(data).batches(batch_size)) as batches:
        for batch in batches:
            x = batch.inputs[probe.input]
            values = probe.values(x)
            for number, unit in enumerate(chosen):
                found = list(_of_batch(unit, x, values, axes, count, seen))
                best[number] = sorted(best[number] + found, key=lambda each: -each.value)[:count]
            seen += batch.count
    return Top(chosen, tuple(map(tuple, best)), seen)


def _of_batch(
    unit: Unit, x: Array, values: Array, axes: tuple[AxisField, ...], count: int, before: int
) -> Iterator[Best]:
    """The best of a batch, in the order of their numbers where they are equal."""
    extents = values.shape[1:-1]
    maps = values[..., unit.channel]
    flat = maps.reshape(len(x), -1)
    if unit.position is not None:
        flat = flat[:, [int(np.ravel_multi_index(unit.position, extents))]] if extents else flat
    places, most = flat.argmax(axis=1), flat.max(axis=1)
    for number in np.argsort(-most, kind="stable")[:count].tolist():
        position = unit.position
        if position is None:
            position = tuple(map(int, np.unravel_index(places[number], extents))) if extents else ()
        box = seen_box(axes, position, x.shape[1:-1])
        yield Best(before + number, float(most[number]), position, box, cut(x[number], box))


def seen_box(axes: tuple[AxisField, ...], position: tuple[int, ...], extents: tuple[int, ...]) -> Box:
    """The receptive field of a position as first and last cell of each axis; the whole axis where none is local."""
    if len(axes) != len(extents):
        return tuple((0, extent - 1) for extent in extents)
    return tuple(axis.seen_at(position) or (0, extent - 1) for axis, extent in zip(axes, extents))


def cut(image: Array, box: Box) -> Array:
    """A patch of an image (H, W, C), zeros where it lies beyond the border."""
    found = np.zeros((*(high - low + 1 for low, high in box), image.shape[-1]), image.dtype)
    inside = [(max(low, 0), min(high + 1, extent)) for (low, high), extent in zip(box, image.shape)]
    to = tuple(slice(first - low, last - low) for (first, last), (low, _) in zip(inside, box))
    found[to] = image[tuple(slice(first, last) for first, last in inside)]
    return found
