"""The smallest input with which the layers fit, as a fix of a kernel that is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic, Edit, Fix
from cnndsl.repair.proof import Trials

#: how many times larger an input may become
FARTHEST = 16

#: the spatial extents of an input, and the edits that make them others
Extents = tuple[int, ...]
Write = Callable[[Extents], list[Edit]]


def enlarged(diagnostic: Diagnostic, size: syntax.Expression, trials: Trials) -> Diagnostic:
    """The diagnostic with one more fix: an input that is as much larger as the program needs."""
    known = _written(size)
    if known is None:
        return diagnostic
    extents, write = known
    for axes in _axes(extents):
        more = _least(partial(_fits, trials, write, extents, axes), max(extents))
        if more is not None:
            larger = _grown(extents, axes, more)
            fix = Fix(f"enlarge the input: {'x'.join(map(str, larger))}", tuple(write(larger)))
            return diagnostic.replace(fixes=(*diagnostic.fixes, fix))
    return diagnostic


def _fits(trials: Trials, write: Write, extents: Extents, axes: tuple[int, ...], more: int) -> bool:
    return trials.helps(write(_grown(extents, axes, more)))


def _written(size: syntax.Expression) -> tuple[Extents, Write] | None:
    """The spatial extents of a size that is written in numbers, and how to write others; None for any other."""
    if isinstance(size, syntax.Size):
        *spatial, channels = size.extents
        extents = tuple(extent for extent in spatial if extent is not None)
        last = "?" if channels is None else str(channels)
        if extents and len(extents) == len(spatial):
            return extents, lambda larger: [Edit(size.span, "x".join([*map(str, larger), last]))]
    if isinstance(size, syntax.Tuple):
        numbers = [item for item in size.items[:-1] if isinstance(item, syntax.Number) and isinstance(item.value, int)]
        if numbers and len(numbers) == len(size.items) - 1:
            spans = [number.span for number in numbers]
            extents = tuple(int(number.value) for number in numbers)
            return extents, lambda larger: [Edit(span, str(extent)) for span, extent in zip(spans, larger)]
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
