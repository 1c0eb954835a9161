"""E3xx: volumes that do not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Problem
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.layers.window import Window


class KernelTooLarge(Problem):
    """A window is larger than the volume that it slides over, padding included.

    The window of a convolution or pool covers D(F-1) + 1 cells of an axis (F the kernel, D the
    dilation). If the input has fewer, there is no position for it, and
    W2 = (W - F + 2P)/S + 1 would be less than one. The message shows the formula with your numbers
    and the sizes that led there.

    Mend it with padding, a smaller kernel, fewer pools before it, or a larger input.
    """

    code: ClassVar[str] = "E301"
    title: ClassVar[str] = "the kernel of `{layer}` does not fit: it covers {window.reach} cells, its input has {cells}"
    label: ClassVar[str] = "covers {window.reach} cells of {axis}, the input is {volume}"

    layer: str
    axis: str
    volume: Volume
    window: Window

    def fault(self) -> str:
        return "kernel"

    @property
    def cells(self) -> str:
        window = self.window
        padding = window.low + window.high
        return f"{window.extent}" + (f" + {padding} of padding" if padding else "")

    def notes(self) -> Iterable[str]:
        w = self.window
        top = f"{w.extent} + {w.low} + {w.high} - {w.dilation}*({w.kernel} - 1) - 1"
        yield f"{self.axis}: floor(({top}) / {w.stride}) + 1 = {w.room // w.stride + 1}, which must be at least 1"
        if self.where.trail:
            yield f"sizes that led here: {self.where.trail}"

    def _pad(self) -> int:
        assert self.window.extent is not None
        return -(-(self.window.reach - self.window.extent) // 2)

    def helps(self) -> Iterable[str]:
        w = self.window
        assert w.extent is not None
        largest = (w.extent + w.low + w.high - 1) // w.dilation + 1
        yield f"pad={self._pad()} makes it fit, or a kernel of at most {largest}, or a larger input"

    def fixes(self) -> Iterable[Fix]:
        edit = self.where.edit("pad", str(self._pad()))
        if edit:
            yield Fix(f"pad the input: pad={self._pad()}", (edit,))


class WrongAxes(Problem):
    """An argument has another number of values than the volume has spatial axes.

    `conv(32, (3, 5))` has a kernel for two axes; on a series such as 128x9 there is one axis, on a
    clip such as 16x112x112x3 there are three. One number serves all axes.
    """

    code: ClassVar[str] = "E302"
    title: ClassVar[str] = "`{argument}` of `{layer}` has {count} values for {volume.rank} spatial axes"
    label: ClassVar[str] = "{count} values, and the input is {volume}"
    help: ClassVar[str] = "give one number for all axes, or {volume.rank} of them"

    layer: str
    argument: str
    count: int
    volume: Volume

    def fault(self) -> str:
        return self.argument


class GroupsDoNotDivide(Problem):
    """`groups` must divide both the channels of the input and the filters.

    A grouped convolution splits both into that many equal parts that do not see each other
    (groups = channels is a depthwise convolution).
    """

    code: ClassVar[str] = "E303"
    title: ClassVar[str] = "`groups={groups}` of `{layer}` does not divide {what}, {count}"
    label: ClassVar[str] = "{count} / {groups} leaves {rest}"
    help: ClassVar[str] = "groups that divide {count}: {divisors}"

    layer: str
    groups: int
    what: str
    count: int

    def fault(self) -> str:
        return "groups"

    @property
    def rest(self) -> int:
        return self.count % self.groups

    @property
    def divisors(self) -> str:
        found = [str(n) for n in range(1, min(self.count, 4096) + 1) if self.count % n == 0]
        return ", ".join(found if len(found) <= 8 else [*found[:7], "…"])
