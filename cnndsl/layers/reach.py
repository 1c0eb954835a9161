"""Layers that can be told a size in two ways: by a number, or by another volume (`to=LABEL`)."""

from __future__ import annotations

from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.given import OneOf
from cnndsl.errors.sizes import CannotReach
from cnndsl.layers.base import Layer
from cnndsl.volume import Volume, axis_names


def one_of(layer: Layer, names: tuple[str, str], examples: tuple[str, ...]) -> None:
    """Refuses a call that gives both of two arguments, or none."""
    given = tuple(name for name in names if getattr(layer, name) is not None)
    if len(given) != 1:
        raise Refused(OneOf(NOWHERE, layer.kind, names, given, examples))


def reach(layer: str, volume: Volume, target: Volume, larger: bool) -> Volume:
    """A volume with the spatial axes of another, if they are all at least (or at most) its own."""
    if target.rank != volume.rank:
        raise Refused(CannotReach(NOWHERE, layer, volume, target))
    for name, have, want in zip(axis_names(volume.rank), volume.spatial, target.spatial, strict=True):
        if have is not None and want is not None and (want < have if larger else want > have):
            raise Refused(CannotReach(NOWHERE, layer, volume, target, name, (have, want), larger))
    return Volume((*target.spatial, volume.channels))
