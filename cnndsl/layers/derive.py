"""Lines of a derivation, as a lecture writes them: a formula in letters, with a layer's numbers, and the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cnndsl.record import Record
from cnndsl.volume import Extent, Volume, axis_names, known

#: a letter and the number that stands for it, which may be a sum or a quotient as it is written
Factor = tuple[str, int | str]
OPEN = "?"
#: names of lines that several kinds give
UNSHARED, CONNECTIONS, MACS = "without sharing", "connections", "MACs"


class Step(Record):
    """A quantity, its formula in letters, the same with numbers, and what it comes to; None if that is in words."""

    name: str
    letters: str
    numbers: str = ""
    result: int | str | None = None

    def __str__(self) -> str:
        """`F_h x F_w x C x K = 11 x 11 x 3 x 96 = 34,848`."""
        result = shown(self.result) if self.result is not None else ""
        numbers = "" if self.numbers == result else self.numbers
        return " = ".join(part for part in (self.letters, numbers, result) if part)


def shown(number: int | str) -> str:
    """A number with separators of thousands; what is written already as it is."""
    return number if isinstance(number, str) else f"{number:,}"


def product(name: str, factors: Iterable[Factor], result: int | str) -> Step:
    """A product of letters: `K x C = 3 x 2 = 6`."""
    pairs = list(factors)
    return Step(name, times(letter for letter, _ in pairs), times(number for _, number in pairs), result)


def times(factors: Iterable[int | str]) -> str:
    """Factors as they are written: `11 x 11 x 3`."""
    return " x ".join(map(shown, factors))


def added(*terms: int | str) -> str:
    """Terms as they are written: `34,848 + 96`."""
    return " + ".join(map(shown, terms))


def spatial(volume: Volume, mark: str = "") -> list[Factor]:
    """The extents of the spatial axes: H and W of an image; with the mark 2 those of an output."""
    names = axis_names(volume.rank)
    return [(name[0].upper() + mark, known(extent)) for name, extent in zip(names, volume.spatial, strict=True)]


def cells(volume: Volume, mark: str = "") -> list[Factor]:
    """The extents of all axes, the channels as C."""
    return [*spatial(volume, mark), ("C" + mark, known(volume.channels))]


def kernel(sizes: Sequence[int]) -> list[Factor]:
    """The extents of a window: F_h and F_w on an image, F on a series."""
    if len(sizes) == 1:
        return [("F", sizes[0])]
    return [(f"F_{name[0]}", size) for name, size in zip(axis_names(len(sizes)), sizes, strict=True)]


def depth(volume: Volume, groups: int) -> Factor:
    """The channels that a filter sees: C, or C/G."""
    channels = known(volume.channels)
    return ("C", channels) if groups == 1 else ("C/G", f"{channels:,}/{groups:,}")


class Sliding(Protocol):
    """What tells how an axis is resized: a window, or a spread."""

    @property
    def extent(self) -> Extent: ...

    @property
    def output(self) -> Extent: ...

    @property
    def formula(self) -> str:
        """Three parts with = between them and a name before: letters, numbers, result."""


def slid(found: Sequence[Sliding]) -> Iterator[Step]:
    """How the output's extents come about where something slides over each axis."""
    lines = []
    for each in found:
        _, letters, numbers, _ = each.formula.split(" = ")
        lines.append((letters, OPEN, "") if each.extent is None else (letters, numbers, each.output))
    return by_axis(lines)


def by_axis(lines: Sequence[tuple[str, str, int | str | None]]) -> Iterator[Step]:
    """A line for each axis, of letters, numbers and the output's extent; axes with equal ones share theirs."""
    names: dict[tuple[str, str, int | str | None], list[str]] = {}
    for name, line in zip(axis_names(len(lines)), lines, strict=True):
        names.setdefault(line, []).append(name)
    for (letters, numbers, result), axes in names.items():
        yield Step(" and ".join(axes), f"W2 = {letters}", numbers, result)
