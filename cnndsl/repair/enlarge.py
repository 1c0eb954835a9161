"""The smallest input with which the layers fit, as a fix of a kernel that is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic, Edit, Fix
from cnndsl.repair.proof import Trials, errors

if TYPE_CHECKING:
    from cnndsl.pipeline import CheckedNet

#: how many times larger an input may become
FARTHEST = 16

#: the spatial extents of an input
Extents = tuple[int, ...]


class Written(NamedTuple):
    """A size that is written in numbers: its spatial extents, its channels (None for `?`), and the edits to others."""

    extents: Extents
    channels: int | None
    write: Callable[[Extents], list[Edit]]


def enlarged(diagnostic: Diagnostic, checked: CheckedNet, trials: Trials) -> Diagnostic:
    """The diagnostic with one more fix: an input that is as much larger as the net needs."""
    size = _written(checked.inputs[0].size)
    if size is None:
        return diagnostic
    before = errors(checked.diagnostics)

    def fits(axes: tuple[int, ...], more: int) -> bool:
        return trials.fits(checked.name, (*_grown(size.extents, axes, more), size.channels), before)

    for axes in _axes(size.extents):
        more = _least(partial(fits, axes), max(size.extents))
        if more is None:
            continue
        larger = _grown(size.extents, axes, more)
        fix = Fix(f"enlarge the input: {'x'.join(map(str, larger))}", tuple(size.write(larger)))
        if trials.helps(fix.edits):
            return diagnostic.replace(fixes=(*diagnostic.fixes, fix))
    return diagnostic


def _written(size: syntax.Expression) -> Written | None:
    """A size of an input if it is written in numbers."""
    if isinstance(size, syntax.Size):
        *spatial, channels = size.extents
        extents = tuple(extent for extent in spatial if extent is not None)
        last = "?" if channels is None else str(channels)
        if extents and len(extents) == len(spatial):
            return Written(extents, channels, lambda larger: [Edit(size.span, "x".join([*map(str, larger), last]))])
    if isinstance(size, syntax.Tuple):
        numbers = [item for item in size.items if isinstance(item, syntax.Number) and isinstance(item.value, int)]
        if len(numbers) > 1 and len(numbers) == len(size.items):
            values, spans = tuple(int(number.value) for number in numbers), [number.span for number in numbers]
            return Written(
                values[:-1], values[-1], lambda larger: [Edit(span, str(extent)) for span, extent in zip(spans, larger)]
            )
    return None


def _axes(extents: Extents) -> Iterator[tuple[int, ...]]:
    """Which axes to enlarge: a smaller one alone, the smallest first, before all together."""
    if len(set(extents)) > 1:
        yield from ((axis,) for axis in sorted(range(len(extents)), key=extents.__getitem__))
    yield tuple(range(len(extents)))


def _grown(extents: Extents, axes: tuple[int, ...], more: int) -> Extents:
    return tuple(extent + more * (axis in axes) for axis, extent in enumerate(extents))


def _least(fits: Callable[[int], bool], extent: int) -> int | None:
    """The least number that fits, if all larger ones do: doubled until one fits, then between the last two."""
    high = 1
    while not fits(high):
        high *= 2
        if high > FARTHEST * extent:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
