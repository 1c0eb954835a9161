"""E305, E306: branches that cannot be joined."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Fix, Label
from cnndsl.errors.base import NOWHERE, Problem, Site
from cnndsl.volume import Volume, axis_names, known


class JoinMismatch(Problem):
    """The branches of a join give volumes that do not go together.

    `add` and `mul` work element by element: spatial extents and channels agree, or a branch is
    1x1xC or HxWx1 and is repeated over the rest. `concat` puts channels behind each other, so the
    spatial extents agree. `?` goes with any extent. The message shows both branches, how each came
    to its size, and what would make them agree.
    """

    code: ClassVar[str] = "E305"
    title: ClassVar[str] = "the branches of `{layer}` do not fit: branch {one} is {first}, branch {other} is {second}"
    label: ClassVar[str] = "their {axis} {differ}"

    layer: str
    #: the axis that disagrees: `height`, `channels`; `axes` where even their number differs
    axis: str
    #: the numbers of the two branches, from 1
    one: int
    other: int
    volumes: tuple[Volume, ...]
    #: what the join asks of its branches
    rule: str
    #: the end of each branch, with its trail
    branches: tuple[Site, ...] = ()
    #: edits that were tried and make the branches fit
    mends: tuple[Fix, ...] = ()

    @property
    def first(self) -> Volume:
        return self.volumes[self.one - 1]

    @property
    def second(self) -> Volume:
        return self.volumes[self.other - 1]

    @property
    def differ(self) -> str:
        return "differ" if self.axis.endswith("s") else "differs"

    def end(self, number: int) -> Site:
        return self.branches[number - 1] if number <= len(self.branches) else NOWHERE

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        for number in (self.one, self.other):
            span = self.end(number).span
            if span:
                yield Label(span, f"branch {number} gives {self.volumes[number - 1]}")

    def notes(self) -> Iterable[str]:
        yield f"`{self.layer}`: {self.rule}"
        for number in (self.one, self.other):
            trail = self.end(number).trail
            if trail:
                yield f"branch {number}: {trail}" + ("" if "->" in trail else ", unchanged")

    def helps(self) -> Iterable[str]:
        if self.axis == "axes":
            yield "bring both to the same axes: pool to 1x1 and use 1x1 convolutions where a branch is flattened"
        elif self.axis == "channels":
            yield (
                f"give branch {self.other} {self.first.channels} channels or branch {self.one} {self.second.channels}, "
                "by the filters of its last convolution or a 1x1 convolution at its end"
            )
        else:
            yield self._bring_together()

    def _bring_together(self) -> str:
        """What at the end of one of two spatially different branches would make them agree."""
        axis = axis_names(self.first.rank).index(self.axis)
        pair = sorted((self.one, self.other), key=lambda number: known(self.volumes[number - 1].extents[axis]))
        small, large = (self.volumes[number - 1].spatial for number in pair)
        both = [(a, b) for a, b in zip(small, large, strict=True) if a is not None and b is not None]
        low, high = known(small[axis]), known(large[axis])
        stride, lost = -(-high // low), high - low
        if all(-(-b // stride) == a for a, b in both):
            strided = f"a 1x1 convolution with a stride of {stride}"
            return f"{strided} at the end of branch {pair[1]} would bring its {high} to {low}"
        if lost % 2 == 0 and all(b - a == lost for a, b in both):
            return (
                f"`pad({lost // 2})` at the end of branch {pair[0]}, or `crop({lost // 2})` at that of branch "
                f"{pair[1]}, would make them fit"
            )
        return f"bring the {self.axis} of branch {pair[0]} from {low} to {high}, or that of branch {pair[1]} to {low}"

    def fixes(self) -> Iterable[Fix]:
        return self.mends


class LoneBranch(Problem):
    """A join has fewer than two branches, so there is nothing to join.

    Branches are separated by `|`: `add { id | conv(64, 3, pad=same) }`. A list of volumes gives one
    branch for each; an empty one gives none.
    """

    code: ClassVar[str] = "E306"
    title: ClassVar[str] = "`{layer}` joins two or more branches; it is given {count}"
    label: ClassVar[str] = "only {count}"
    help: ClassVar[str] = (
        "separate the branches by `|`, or leave the join out; `label[0..len(label)]` is all of a repeated label"
    )

    layer: str
    count: int
