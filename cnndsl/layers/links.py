"""Which cells of an axis a layer's positions read: the facts behind receptive fields and coverage."""

from __future__ import annotations

from functools import cached_property
from math import gcd

from cnndsl.layers.masks import cells as cells_of
from cnndsl.layers.masks import full, mirrored, sampled, shifted, smeared, spread
from cnndsl.layers.spread import Spread
from cnndsl.layers.window import Window
from cnndsl.record import Record
from cnndsl.volume import Extent, Volume, known

#: how much longer than its cells an axis may be, with the steps of its positions and all that their taps span,
#: to be handled as one whole number
SPARSE = 2**20


class Link(Record):
    """One axis of an input and the axis of the output that moves along it.

    `period` positions further on, `advance` cells further on, everything repeats. `skew` is twice the
    shift that padding asks for when it is written differently for the two ends. Sets of cells
    are the bits of whole numbers.
    """

    extent: Extent
    output: Extent
    skew: int = 0

    @property
    def period(self) -> int:
        return 1

    @property
    def advance(self) -> int:
        return 1

    @property
    def same(self) -> bool:
        """Whether every position reads the cell of the same number and nothing else."""
        return False

    @property
    def complete(self) -> bool:
        """Whether it is plain without looking that every cell is read by some position; false may mean either."""
        return self.same

    def seen(self, position: int) -> range:
        """The cells that a position reads on an axis without ends, in order."""
        raise NotImplementedError

    def inside(self, position: int) -> range:
        """Those of them that exist."""
        found, extent = self.seen(position), known(self.extent)
        first = -(found.start // found.step) if found.start < 0 else 0
        return range(found.start + first * found.step, min(found.stop, extent), found.step)

    def back(self, positions: int) -> int:
        """The cells that some position of a set reads."""
        found, everything = 0, full(known(self.extent))
        for position in cells_of(positions):
            for cell in self.inside(position):
                found |= 1 << cell
            if found == everything:
                break
        return found

    def forth(self, read: int) -> int:
        """The positions that read some cell of a set."""
        return sum(
            1 << position
            for position in range(known(self.output))
            if any(read >> cell & 1 for cell in self.inside(position))
        )


class Taps(Link):
    """Position o reads the cells i with i * finer = o * stride + t * dilation + start, for t in 0 .. count - 1.

    A window has finer = 1, what enlarges (a transposed convolution, repeated cells) has stride = 1.
    """

    count: int = 1
    stride: int = 1
    dilation: int = 1
    start: int = 0
    finer: int = 1

    @property
    def period(self) -> int:
        return self.finer // gcd(self.stride, self.finer)

    @property
    def advance(self) -> int:
        return self.stride // gcd(self.stride, self.finer)

    @property
    def same(self) -> bool:
        return self.count == self.stride == self.finer == 1 and self.start == 0 and self.extent == self.output

    @property
    def complete(self) -> bool:
        if self.extent is None or self.output is None or self.finer != 1:
            return self.same
        dense = self.dilation == 1 and self.stride <= self.count
        last = (self.output - 1) * self.stride + self.start + self.dilation * (self.count - 1)
        return dense and self.start <= 0 and last >= self.extent - 1

    def seen(self, position: int) -> range:
        first = position * self.stride + self.start
        if self.finer == 1:
            return range(first, first + self.dilation * self.count, self.dilation)
        common = gcd(self.dilation, self.finer)
        if first % common:
            return range(0)
        every = self.finer // common
        tap = -(first // common) * pow(self.dilation // common, -1, every) % every
        cell, step = (first + tap * self.dilation) // self.finer, self.dilation // common
        return range(cell, cell + step * len(range(tap, self.count, every)), step)

    @property
    def sparse(self) -> bool:
        """Whether steps or taps are so far apart (a dilation of a billion) that cells are looked at one by one."""
        spanned = known(self.output) * self.stride + self.count * self.dilation + abs(self.start)
        return spanned > SPARSE + 8 * known(self.extent) * self.finer

    def back(self, positions: int) -> int:
        if self.sparse:
            return super().back(positions)
        reached = smeared(spread(positions, self.stride), self.count, self.dilation)
        return sampled(shifted(reached, self.start), self.finer) & full(known(self.extent))

    def forth(self, read: int) -> int:
        if self.sparse:
            return super().forth(read)
        starts = smeared(shifted(spread(read, self.finer), -self.start), self.count, -self.dilation)
        return sampled(starts, self.stride) & full(known(self.output))


class Bordered(Taps):
    """The same axis with `low` cells before it and `high` behind it, which repeat others.

    They are the border cell again, or with `reflects` the mirror image of those beside it: of cells
    a b c the border is c b (a b c) b a.
    """

    low: int = 0
    high: int = 0
    reflects: bool = False

    def back(self, positions: int) -> int:
        extent, found = known(self.extent), super().back(positions)
        before, behind = positions & full(self.low), positions >> self.low + extent
        if self.reflects:
            return found | mirrored(before, self.low) << 1 | mirrored(behind, self.high) << extent - 1 - self.high
        return found | bool(before) | bool(behind) << extent - 1

    def forth(self, read: int) -> int:
        extent, found = known(self.extent), super().forth(read)
        if self.reflects:
            before = mirrored(read >> 1 & full(self.low), self.low)
            behind = mirrored(read >> extent - 1 - self.high & full(self.high), self.high)
        else:
            before, behind = (read & 1) * full(self.low), (read >> extent - 1) * full(self.high)
        return found | before | behind << self.low + extent


class Scaled(Link):
    """An axis stretched or shrunk: W cells become W2 positions, or as many times both, where those are open."""

    cells: int = 1
    positions: int = 1

    @property
    def period(self) -> int:
        return self.positions // gcd(self.cells, self.positions)

    @property
    def advance(self) -> int:
        return self.cells // gcd(self.cells, self.positions)


class Shared(Scaled):
    """Windows that divide the input evenly: floor(o W / W2) up to, not including, ceil((o+1) W / W2)."""

    def seen(self, position: int) -> range:
        return range(position * self.cells // self.positions, -(-(position + 1) * self.cells // self.positions))


class Nearest(Scaled):
    """Every position reads the cell floor(o W / W2)."""

    def seen(self, position: int) -> range:
        cell = position * self.cells // self.positions
        return range(cell, cell + 1)


class Between(Scaled):
    """Every position reads at (o + 0.5) W / W2 - 0.5: the neighbours on both sides, or the cell itself."""

    def seen(self, position: int) -> range:
        cell, rest = divmod((2 * position + 1) * self.cells - self.positions, 2 * self.positions)
        return range(cell, cell + (2 if rest else 1))


class Sight(Record):
    """How the positions of an output read those of one input.

    `links` has an entry for each spatial axis of the input and `along` the output axis that moves
    along it; an entry of None means that every position reads the whole axis. With `mixes` a
    position reads all positions besides, as a mean over the image does. The channels of one position
    are taken together.
    """

    links: tuple[Link | None, ...]
    along: tuple[int | None, ...]
    mixes: bool = False

    @cached_property
    def same(self) -> bool:
        """Whether every position reads just the position of the same place."""
        plain = all(link is not None and link.same for link in self.links)
        return plain and not self.mixes and self.along == tuple(range(len(self.links)))

    @cached_property
    def complete(self) -> bool:
        """Whether it is plain without looking that every position of the input is read."""
        return self.mixes or all(link is None or link.complete for link in self.links)


def sight(*links: Link | None) -> Sight:
    """The axes of the output stand for those of the input, one for one."""
    return Sight(links, tuple(None if link is None else axis for axis, link in enumerate(links)))


def window_sight(windows: tuple[Window, ...], chosen: bool = True) -> Sight:
    """What sliding windows read; `chosen` says that unequal padding of the two ends was written so."""
    return sight(*(_window(item, item.high - item.low if chosen else 0) for item in windows))


def _window(item: Window, skew: int) -> Taps:
    return Taps(item.extent, item.output, skew, item.kernel, item.stride, item.dilation, -item.low, 1)


def spread_sight(spreads: tuple[Spread, ...]) -> Sight:
    """What the positions of a transposed convolution read."""
    return sight(*map(_spread, spreads))


def _spread(item: Spread) -> Taps:
    start = item.low + 1 - item.reach
    return Taps(item.extent, item.output, 0, item.kernel, 1, item.dilation, start, item.stride)


def blocks(volume: Volume, output: Volume, stride: int, finer: int) -> Sight:
    """Blocks of `stride` cells that become one position, or a cell that becomes `finer` positions."""
    count, start = max(stride, finer), 1 - finer
    axes = zip(volume.spatial, output.spatial, strict=True)
    return sight(*(Taps(extent, to, 0, count, stride, 1, start, finer) for extent, to in axes))


def plain_sight(volume: Volume, output: Volume) -> Sight:
    """What a layer without windows reads: its own position on the leading axes that stay, everything of the others."""
    kept = 0
    while kept < min(volume.rank, output.rank) and volume.extents[kept] == output.extents[kept]:
        kept += 1
    links = (Taps(extent, extent) if axis < kept else None for axis, extent in enumerate(volume.spatial))
    return sight(*links)
