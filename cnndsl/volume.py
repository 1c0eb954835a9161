"""Volume: what flows between layers."""

from __future__ import annotations

from math import prod

from cnndsl.record import Record

Extent = int | None


class StillOpen(ValueError):
    """A number that depends on an extent which is not fixed (`?`)."""


def known(extent: Extent) -> int:
    """The extent, if it is fixed; raises StillOpen."""
    if extent is None:
        raise StillOpen("the extent is not fixed")
    return extent


class Volume(Record):
    """The size of one example: spatial extents and channels last (NHWC without the batch).

    `28x28x1` is height x width x channels, `16x112x112x3` depth x height x width x channels,
    `128x9` length x channels, `100` a plain vector. An extent of None (`?`) is not fixed yet.
    """

    extents: tuple[Extent, ...]

    @property
    def spatial(self) -> tuple[Extent, ...]:
        return self.extents[:-1]

    @property
    def channels(self) -> Extent:
        return self.extents[-1]

    @property
    def rank(self) -> int:
        """The number of spatial axes: 0 for a vector, 2 for an image."""
        return len(self.extents) - 1

    @property
    def fixed(self) -> bool:
        """Whether every extent is known."""
        return None not in self.extents

    @property
    def elements(self) -> int | None:
        """How many values it has; None while an extent is open."""
        return prod(self.extents) if self.fixed else None  # type: ignore[arg-type]

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents of a fixed volume, as an array has them; raises StillOpen for others."""
        return tuple(map(known, self.extents))

    def __str__(self) -> str:
        return "x".join("?" if extent is None else str(extent) for extent in self.extents)


def axis_names(rank: int) -> tuple[str, ...]:
    """What the spatial axes of a volume are called: `height` and `width` for an image."""
    return {0: (), 1: ("length",), 2: ("height", "width")}.get(rank, ("depth", "height", "width"))
