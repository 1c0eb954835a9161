"""What a sweep over the extents of an axis brought to light: for each layer the extents that it spoils, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_

from cnndsl.analysis.sweep import Column, Outcome, Seen, Sweep
from cnndsl.layers.links import window_sight
from cnndsl.layers.masks import full
from cnndsl.layers.window import Window
from cnndsl.volume import Volume, known

#: what an extent can fail to be, in the order in which it is told
FITS, WHOLE, EXACT, TRAINED = "fits", "whole", "exact", "trained"


class Findings:
    """The extents that each layer spoils: bit n of `spoilt[aspect][path]` says that it spoils the extent n.

    `why` has, for a layer that refuses extents, what it says of the largest one.
    """

    def __init__(self) -> None:
        self.spoilt: dict[str, dict[str, int]] = {aspect: {} for aspect in (FITS, WHOLE, EXACT, TRAINED)}
        self.why: dict[str, str] = {}

    def add(self, aspect: str, path: str, extents: int, why: str = "") -> None:
        """Tells of the extents (as bits) that a layer spoils."""
        if extents:
            known = self.spoilt[aspect].get(path, 0)
            if why and extents > known:
                self.why[path] = why
            self.spoilt[aspect][path] = known | extents


def gather(sweep: Sweep, found: Findings, axes: Callable[[Iterable[Sequence[int | None]]], set[int]]) -> None:
    """Adds what a sweep shows. `axes` tells which axes of some volumes, given by their extents, are looked at.

    Those that do not follow the axis that is changed say nothing of it.
    """
    readers: dict[int, list[Seen]] = {}
    for seen in sweep.seen:
        looked = axes(feeds[0].extents for feeds in seen.feeds)
        for number in seen.node.inputs:
            readers.setdefault(number, []).append(seen)
        _refusals(sweep, seen, found)
        inexact = [_inexact(outcome, looked) for outcome in seen.outcomes]
        found.add(EXACT, seen.node.path, bits(sweep.extents, seen.places, inexact))
        misfit = [outcome.misfit for outcome in seen.outcomes]
        found.add(TRAINED, seen.node.path, bits(sweep.extents, seen.places, misfit))
    consumers = sweep.graph.consumers()
    for number, column in sweep.columns.items():
        seen_by = readers.get(number, [])
        if seen_by and len(seen_by) == len(consumers[number]) and number not in sweep.graph.outputs.values():
            looked = axes(volume.extents for volume in column.volumes)
            _losses(sweep.extents, column, seen_by, looked, found)


def bits(extents: Sequence[int], places: Sequence[int], flags: Sequence[bool]) -> int:
    """The extents whose place is flagged, as bits."""
    if not any(flags):
        return 0
    return sum(1 << extent for extent, place in zip(extents, places) if place >= 0 and flags[place])


def _refusals(sweep: Sweep, seen: Seen, found: Findings) -> None:
    flags = [outcome.problem is not None for outcome in seen.outcomes]
    refused = bits(sweep.extents, seen.places, flags)
    if refused:
        place = seen.places[sweep.extents.index(refused.bit_length() - 1)]
        problem = seen.outcomes[place].problem
        assert problem is not None
        found.add(FITS, seen.node.path, refused, problem.format(problem.title))


def _inexact(outcome: Outcome, axes: set[int]) -> bool:
    windows = enumerate(outcome.windows)
    return any(window.remainder and not window.ceil for axis, window in windows if axis in axes)


def _losses(extents: Sequence[int], column: Column, readers: list[Seen], axes: set[int], found: Findings) -> None:
    """Tells of the extents at which a row of a node's cells is read by none of the layers that read the node.

    What a join reads, or what is cropped and read by nothing else, is never lost by mistake.
    """
    if any(len(seen.node.inputs) > 1 for seen in readers):
        return
    lost: dict[tuple[int, ...], bool] = {}
    spoilt = 0
    for extent, *places in zip(extents, column.place, *(seen.places for seen in readers)):
        key = tuple(places)
        if key not in lost:
            lost[key] = -1 not in key and _loses(column.volumes[places[0]], readers, places[1:], axes)
        spoilt |= lost[key] << extent
    found.add(WHOLE, readers[0].node.path, spoilt)


def _loses(volume: Volume, readers: list[Seen], places: list[int], axes: set[int]) -> bool:
    """Whether no layer reads some row of a volume, though each can take it and some have windows."""
    outcomes = [seen.outcomes[place] for seen, place in zip(readers, places)]
    if any(outcome.output is None for outcome in outcomes) or not any(outcome.windows for outcome in outcomes):
        return False
    gapless = [outcome.windows for outcome in outcomes if _gapless(outcome.windows)]
    if len(gapless) == len(outcomes):
        along = enumerate(zip(*gapless))
        return any(axis in axes and all(window.unread for window in windows) for axis, windows in along)
    if any(not any(window.unread for window in windows) for windows in gapless):
        return False
    taken = [_taken(outcome, volume) for outcome in outcomes]
    spatial = enumerate(volume.spatial)
    return any(
        axis in axes and reduce(or_, (each[axis] for each in taken)) != full(known(extent)) for axis, extent in spatial
    )


def _gapless(windows: Sequence[Window]) -> bool:
    """Whether windows read all cells up to the last that they read, on every axis: the usual case, seen at a glance."""
    return bool(windows) and all(window.dilation == 1 and window.stride <= window.kernel for window in windows)


def _taken(outcome: Outcome, volume: Volume) -> list[int]:
    """The cells of each axis of a volume that the positions of a layer read, as bits."""
    assert outcome.output is not None
    windows = outcome.windows
    sight = window_sight(windows) if windows else outcome.layer.sights(outcome.output, volume)[0]
    axes = zip(volume.spatial, sight.links)
    return [full(known(extent)) if link is None else link.back(full(known(link.output))) for extent, link in axes]
