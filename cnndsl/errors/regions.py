"""What can be wrong with a question about one position of a layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class BadPosition(Problem):
    """A position of a layer is a number for each of its spatial axes, counted from 0: `conv5@3,4` is row 3, column 4.

    A series has one number (`conv1@7`), a clip three; a vector has no positions: `fc1@`.
    """

    code: ClassVar[str] = "E064"
    title: ClassVar[str] = "`{path}` has no position {given}"

    path: str
    position: tuple[int, ...]
    extents: tuple[int, ...]

    @property
    def given(self) -> str:
        return ",".join(map(str, self.position)) or "without numbers"

    def helps(self) -> Iterable[str]:
        if not self.extents:
            yield f"it is a vector, which has no positions: `{self.path}@`"
            return
        last = ",".join(str(extent - 1) for extent in self.extents)
        first = ",".join("0" for _ in self.extents)
        yield f"it has {'x'.join(map(str, self.extents))} positions, from `{self.path}@{first}` to `{self.path}@{last}`"


class NoPosition(Problem):
    """A question about one position is `PATH@ROW,COLUMN`, with a number for each spatial axis: `conv5@3,4`."""

    code: ClassVar[str] = "E067"
    title: ClassVar[str] = "`{text}` is no position of a layer"
    help: ClassVar[str] = "write the layer's path, `@`, and a number for each axis, counted from 0: conv5@3,4"

    text: str


class RegionOpen(Problem):
    """Which cells a position reads depends on sizes that are not fixed (`?`): borders are not known."""

    code: ClassVar[str] = "E065"
    title: ClassVar[str] = "what `{path}` reads depends on extents that are not fixed"
    help: ClassVar[str] = "fix the size of the input of {net}: --input 224x224x3"

    path: str
    net: str


class RegionTooLarge(Problem):
    """Single cells are kept of axes of up to 4,194,304 cells; the receptive fields (`cnnc rf FILE`) have no limit."""

    code: ClassVar[str] = "E066"
    title: ClassVar[str] = "an axis of {extent:,} cells is too long for exact regions"
    help: ClassVar[str] = "give a smaller input: --input SIZE; the limit is {limit:,} cells an axis"

    extent: int
    limit: int
