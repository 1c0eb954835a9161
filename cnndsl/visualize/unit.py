"""Unit: what of a net is looked at, one channel of a layer, at all its positions or at one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.paths import layer_at
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.data import NamesDiffer
from cnndsl.errors.regions import BadPosition
from cnndsl.errors.training import UnknownChoice
from cnndsl.errors.visualize import NoSuchChannel, NotAUnit
from cnndsl.graph import Graph, Node
from cnndsl.record import Record
from cnndsl.suggest import closest

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse


class Unit(Record):
    """Channel number `channel` of the layer at `path`; at one position of it, or (None) at all of them."""

    path: str
    channel: int
    position: tuple[int, ...] | None = None

    def __str__(self) -> str:
        place = "" if self.position is None else f"@{','.join(map(str, self.position))}"
        return f"{self.path}:{self.channel}{place}"

    def direction(self, shape: tuple[int, ...]) -> Array:
        """What the layer's values, of that shape, are multiplied by and added up: its mean over the positions meant."""
        found = np.zeros(shape, np.float32)
        place = (slice(None),) * (len(shape) - 1) if self.position is None else self.position
        found[(*place, self.channel)] = 1.0
        return found / np.float32(found.sum())


def unit(graph: Graph, wanted: str | Unit) -> Unit:
    """The unit that a text such as `conv2:5@3,4` names, known to exist.

    Raises CnnError: E571 (no unit), E063 (no such layer), E572 (no such channel), E064 (no such position).
    """
    found = wanted if isinstance(wanted, Unit) else _read(graph, wanted)
    node = layer_at(graph, found.path)
    channels, extents = node.volume.shape[-1], node.volume.shape[:-1]
    if not 0 <= found.channel < channels:
        raise NoSuchChannel(NOWHERE, found.path, channels, found.channel).error()
    place = found.position
    if place is not None and (len(place) != len(extents) or any(not 0 <= p < size for p, size in zip(place, extents))):
        raise BadPosition(NOWHERE, found.path, place, extents).error()
    return found


def units(graph: Graph, wanted: str | Unit, most: int) -> tuple[Unit, ...]:
    """One unit, or, where a text names a layer alone, the units of its first channels, `most` of them."""
    if isinstance(wanted, str) and not set(":@") & set(wanted):
        node = layer_at(graph, wanted)
        return tuple(Unit(node.path, channel) for channel in range(min(most, node.volume.shape[-1])))
    return (unit(graph, wanted),)


def _read(graph: Graph, text: str) -> Unit:
    match = re.fullmatch(r"([^:@\s]+)(?::(\d{1,9}))?(?:@(\d{1,9}(?:,\d{1,9})*)?)?", text.strip())
    if match is None:
        raise NotAUnit(NOWHERE, text, "names no unit of a layer").error()
    path, channel, place = match.groups()
    layer_at(graph, path)
    if channel is None:
        raise NotAUnit(NOWHERE, text, "is a layer, and one of its channels is wanted", f"{path}:0").error()
    position = tuple(map(int, place.split(","))) if place else None
    return Unit(path, int(channel), position)


def output(model: Reuse) -> Node:
    """The only output of a net. Raises CnnError (E510)."""
    graph = model.net.graph
    if len(graph.outputs) > 1:
        problem = f"the net has {len(graph.outputs)} outputs ({', '.join(graph.outputs)}), so the class is not clear"
        raise NamesDiffer(NOWHERE, problem, "target", tuple(graph.outputs)).error()
    return graph.nodes[next(iter(graph.outputs.values()))]


def class_unit(model: Reuse, wanted: int | str) -> Unit:
    """A class of the only output, by its number or its name. Raises CnnError (E510, E521, E572)."""
    node, names = output(model), tuple(getattr(model, "class_names", ()))
    count = node.volume.shape[-1]
    text = str(wanted)
    if text in names:
        return Unit(node.path, names.index(text))
    if not re.fullmatch(r"\d{1,9}", text):
        known = names or tuple(map(str, range(count)))
        raise UnknownChoice(NOWHERE, "class", text, known, closest(text, known) or "").error()
    if int(text) >= count:
        raise NoSuchChannel(NOWHERE, node.path, count, int(text), "classes").error()
    return Unit(node.path, int(text))


def meant(model: Reuse, target: Any) -> Unit | None:
    """A unit, a class's number or name, a text with a colon for a unit; None for the likeliest class of each image."""
    if target is None:
        return None
    if isinstance(target, Unit) or (isinstance(target, str) and set(":@") & set(target)):
        return unit(model.net.graph, target)
    return class_unit(model, target)
