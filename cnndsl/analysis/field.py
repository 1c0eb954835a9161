"""AxisField: what one position of a layer sees of one axis of an input, and the chain rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from cnndsl.layers.links import Link
from cnndsl.record import Record
from cnndsl.volume import Extent

if TYPE_CHECKING:
    from fractions import Fraction

#: positions that may differ in what they see before everything repeats; beyond that the field is left open
PHASES = 4096


class AxisField(Record):
    """The local field of position o is the cells from lows[o] to highs[o] of an axis without ends.

    It repeats: `len(lows)` positions further on, everything is `shift` cells further on. A position
    that sees nothing has None. `lows` is empty where there is no local field, as behind a global
    pool, or where it depends on an extent that is not fixed. `whole` says that the whole axis is seen
    besides. `along` is the axis of the layer's output that moves along this one. `least` is the
    smallest field on any path; `skew` twice the shift of the centre that uneven padding asks for.
    """

    extent: Extent
    lows: tuple[int | None, ...] = ()
    highs: tuple[int | None, ...] = ()
    shift: int = 0
    whole: bool = False
    along: int | None = None
    least: int = 1
    skew: Fraction | int = 0

    @property
    def local(self) -> int | None:
        """The size r of the local field, the largest over its phases; None where there is none."""
        sizes = [high - low + 1 for low, high in zip(self.lows, self.highs) if low is not None and high is not None]
        return max(sizes) if sizes else 0 if self.lows else None

    @property
    def size(self) -> int | None:
        """The size of the local field, or the whole extent where there is none; None where it is open."""
        return self.local if self.lows else self.extent if self.whole else None

    @property
    def jump(self) -> Fraction | None:
        """Cells of the input from one position to the next (the effective stride); None without a local field."""
        from fractions import Fraction

        return Fraction(self.shift, len(self.lows)) if self.lows else None

    @property
    def first(self) -> Fraction | None:
        """Where the field of the first position has its centre, cell 0 at 0; the mean over the phases."""
        from fractions import Fraction

        found = self.centre()
        return None if found is None else Fraction(*found)

    def centre(self) -> tuple[int, int] | None:
        """The same as numerator and denominator."""
        if len(self.lows) == 1:
            (low,), (high,) = self.lows, self.highs
            return None if low is None or high is None else (low + high, 2)
        count, total, seeing = len(self.lows), 0, 0
        for phase, (low, high) in enumerate(zip(self.lows, self.highs)):
            if low is not None and high is not None:
                total += (low + high) * count - 2 * phase * self.shift
                seeing += 1
        return (total, 2 * count * seeing) if seeing else None

    def bounds(self, position: int) -> tuple[int, int] | None:
        """The first and the last cell that a position sees, cells beyond the border included."""
        low, high = _at(self.lows, position, self.shift), _at(self.highs, position, self.shift)
        return None if low is None or high is None else (low, high)

    def seen_at(self, position: tuple[int, ...]) -> tuple[int, int] | None:
        """The same for a position of a layer; None where it has no local field."""
        local = bool(self.lows) and not self.whole and self.along is not None
        return self.bounds(position[self.along or 0]) if local else None

    def behind(self, link: Link | None, along: int | None) -> AxisField:
        """What a layer sees that reads this one through a link: r' = r + D(F-1) j, j' = j S."""
        if link is None:
            return AxisField(self.extent, whole=self.lows != () or self.whole)
        if link.same:
            return self if along == self.along else self.replace(along=along)
        if not self.lows:
            return self.replace(along=along if self.whole else None)
        phases = link.period * (len(self.lows) // gcd(len(self.lows), link.advance))
        if phases > PHASES:
            return AxisField(self.extent, whole=self.whole)
        if phases == len(self.lows) == 1 and (ends := self.bounds(0)) and (cells := link.seen(0)):
            return self._slid(link, along, *ends, cells)
        seen = [link.seen(position) for position in range(phases)]
        lows = tuple(self._end(self.lows, cells, min) for cells in seen)
        highs = tuple(self._end(self.highs, cells[::-1], max) for cells in seen)
        shift = phases // link.period * link.advance * self.shift // len(self.lows)
        found = AxisField(self.extent, lows, highs, shift, self.whole, along, self.least, self.skew)
        return found._extended(self, link)

    def _slid(self, link: Link, along: int | None, low: int, high: int, cells: range) -> AxisField:
        """What all positions alike see behind a plain window, the usual case in a quarter of the time."""
        wider = (cells[-1] - cells[0]) * self.shift
        skew = self.skew + link.skew * self.shift if link.skew else self.skew
        lows, highs = (low + cells[0] * self.shift,), (high + cells[-1] * self.shift,)
        shift, least = link.advance * self.shift, self.least + wider
        return AxisField(self.extent, lows, highs, shift, self.whole, along, least, skew)

    def _extended(self, before: AxisField, link: Link) -> AxisField:
        """With the smallest field of a path, and what chosen padding shifts."""
        own, mine = before.local or 0, self.local or 0
        grown: dict[str, Any] = {"least": before.least + mine - own} if mine != own else {}
        if link.skew and (jump := before.jump) is not None:
            grown["skew"] = before.skew + link.skew * jump
        return self.replace(**grown) if grown else self

    def _end(
        self, ends: tuple[int | None, ...], cells: Sequence[int], outermost: Callable[[list[int]], int]
    ) -> int | None:
        """The outermost end of what some positions see, which are given from that end inwards.

        One turn of the phases decides: a turn further in, every phase is further in. Within a turn ends need not be
        in order: behind a transposed convolution of stride 2 and dilation 3, cell 2 sees cell 1 and cell 3 cell 0.
        """
        if len(ends) == 1:
            return _at(ends, cells[0], self.shift) if cells else None
        found = [end for cell in cells[: len(ends)] if (end := _at(ends, cell, self.shift)) is not None]
        return outermost(found) if found else None


def _at(ends: tuple[int | None, ...], position: int, shift: int) -> int | None:
    turns, phase = divmod(position, len(ends))
    end = ends[phase]
    return None if end is None else end + turns * shift


def beginning(extent: Extent, axis: int) -> AxisField:
    """What an input's own positions see: themselves."""
    return AxisField(extent, (0,), (0,), 1, along=axis)


def union(fields: Sequence[AxisField], output: Extent) -> AxisField:
    """What several branches see together; where their jumps differ, all the way to the last position.

    `output` is the extent of the joined axis: branches that drift apart are farthest apart at an end.
    """
    if all(field is fields[0] for field in fields):
        return fields[0]
    whole = any(field.whole for field in fields)
    local = [field for field in fields if field.lows]
    if not local or any(not field.lows and not field.whole for field in fields):
        return AxisField(fields[0].extent, whole=whole)
    first = local[0]
    if len({field.along for field in local}) > 1:
        return AxisField(first.extent, whole=True)
    least = min(field.least for field in local)
    together = first if len(local) == 1 else _together(local, output)
    return together.replace(whole=whole, least=least)


def _together(fields: Sequence[AxisField], output: Extent) -> AxisField:
    phases = lcm(*(len(field.lows) for field in fields))
    shifts = {field.shift * (phases // len(field.lows)) for field in fields}
    if phases > PHASES or (len(shifts) > 1 and output is None):
        return AxisField(fields[0].extent)
    if len(shifts) > 1:
        return _drifting(fields, phases, output or 0)
    hulls = [_hull(fields, position) for position in range(phases)]
    lows = tuple(None if hull is None else hull[0] for hull in hulls)
    highs = tuple(None if hull is None else hull[1] for hull in hulls)
    return fields[0].replace(lows=lows, highs=highs, shift=shifts.pop())


def _drifting(fields: Sequence[AxisField], phases: int, output: int) -> AxisField:
    """Branches of different jumps: moving as the finest does, as wide as holds them all at every position.

    Each phase moves in a line, so what decides is in the first turn of the phases or in the last.
    """
    finest = min(fields, key=lambda field: field.shift * (phases // len(field.lows)))
    turn = len(finest.lows)
    base = [position * finest.shift // turn for position in range(turn)]
    lows, highs = [], []
    for position in {*range(min(phases, output)), *range(max(output - phases, 0), output)}:
        if hull := _hull(fields, position):
            moved = position // turn * finest.shift + base[position % turn]
            lows.append(hull[0] - moved)
            highs.append(hull[1] - moved)
    if not lows:
        return AxisField(fields[0].extent)
    low, high = min(lows), max(highs)
    return finest.replace(lows=tuple(low + step for step in base), highs=tuple(high + step for step in base))


def _hull(fields: Sequence[AxisField], position: int) -> tuple[int, int] | None:
    found = [bounds for field in fields if (bounds := field.bounds(position))]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None
