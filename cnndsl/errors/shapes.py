"""E3xx: volumes that a layer cannot take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Problem, Site
from cnndsl.errors.repairs import Repair, covering_repairs, even_repairs, fitting_repairs, fixes, further_repairs
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.layers.window import Window


def _led_here(where: Site) -> Iterator[str]:
    """The trail, if any size changed on the way."""
    if "->" in where.trail:
        yield f"sizes that led here: {where.trail}"


class KernelTooLarge(Problem):
    """A window is larger than the volume that it slides over, padding included.

    The window of a convolution or pool covers D(F-1) + 1 cells of an axis (F the kernel, D the
    dilation). If the input has fewer, there is no position for it, and
    W2 = (W - F + 2P)/S + 1 would be less than one. The message shows the formula with your numbers
    and the sizes that led there.

    Mend it with padding, a smaller kernel, fewer pools before it, or a larger input. The smallest
    change that fits comes first.
    """

    code: ClassVar[str] = "E301"
    title: ClassVar[str] = "the kernel of `{layer}` does not fit: it covers {window.reach} cells, its input has {cells}"
    label: ClassVar[str] = "covers {window.reach} cells of {axis}, the input is {volume}"

    layer: str
    axis: str
    volume: Volume
    window: Window
    #: the windows of all axes, which a repair must suit
    windows: tuple[Window, ...] = ()

    def fault(self) -> str:
        return "kernel"

    @property
    def cells(self) -> str:
        padding = self.window.low + self.window.high
        return f"{self.window.extent}" + (f" + {padding} of padding" if padding else "")

    def notes(self) -> Iterable[str]:
        yield f"{self.axis}: {self.window.formula}, which must be at least 1"
        yield from _led_here(self.where)

    def repairs(self) -> list[Repair]:
        return fitting_repairs(self.windows or (self.window,))

    @property
    def needed(self) -> str:
        """The smallest input that would do, all else equal."""
        axes = self.windows or (self.window,)
        least = (max(axis.extent or 1, axis.reach - axis.low - axis.high) for axis in axes)
        return "x".join(map(str, least))

    def helps(self) -> Iterable[str]:
        ways = [f"`{repair}`" for repair in self.repairs()]
        yield f"{' or '.join(ways)} makes it fit; so does an input of at least {self.needed} at this layer"

    def fixes(self) -> Iterable[Fix]:
        return fixes(self.where, [*self.repairs(), *further_repairs(self.windows or (self.window,))])


class WrongAxes(Problem):
    """An argument has another number of values than the volume has spatial axes.

    `conv(32, (3, 5))` has a kernel for two axes; on a series such as 128x9 there is one axis, on a
    clip such as 16x112x112x3 there are three. One number serves all axes.
    """

    code: ClassVar[str] = "E302"
    title: ClassVar[str] = "`{argument}` of `{layer}` has {count} values for {axes}"
    label: ClassVar[str] = "{count} values, and the input is {volume}"

    layer: str
    argument: str
    count: int
    volume: Volume

    @property
    def axes(self) -> str:
        return f"{self.volume.rank} spatial {'axis' if self.volume.rank == 1 else 'axes'}"

    def fault(self) -> str:
        return self.argument

    def helps(self) -> Iterable[str]:
        yield "give one number" + (f" for all axes, or {self.volume.rank} of them" if self.volume.rank > 1 else "")


class WrongRank(Problem):
    """A layer is given a volume with another number of spatial axes than it works on.

    `28x28x1` has two spatial axes (height and width), `128x9` one, `16x112x112x3` three, and a
    vector such as `100` none. Convolutions and pools slide over spatial axes, so they cannot follow
    what has flattened them away.
    """

    code: ClassVar[str] = "E304"
    title: ClassVar[str] = "`{layer}` needs {needs}; its input is {given}"
    label: ClassVar[str] = "the input is {given}"

    layer: str
    volume: Volume
    ranks: tuple[int, ...]

    @property
    def needs(self) -> str:
        if self.ranks == (1, 2, 3):
            return "at least one spatial axis"
        *others, last = map(str, self.ranks)
        return f"{', '.join(others)} or {last} spatial axes" if others else f"{last} spatial axes"

    @property
    def given(self) -> str:
        rank = self.volume.rank
        return f"{self.volume}, " + (f"{rank} spatial {'axis' if rank == 1 else 'axes'}" if rank else "a vector")

    def notes(self) -> Iterable[str]:
        yield from _led_here(self.where)

    def helps(self) -> Iterable[str]:
        if self.volume.rank == 0:
            yield f"put `{self.layer}` before what flattens, or give the input its axes, such as 28x28x1"
        else:
            examples = {0: "100", 1: "128x9", 2: "28x28x1", 3: "16x112x112x3"}
            yield f"it works on volumes such as {' or '.join(examples[rank] for rank in self.ranks)}"


class PaddingOnly(Problem):
    """A pool has so much padding that some of its windows would see nothing but padding.

    The largest or the mean of no cells is not defined. The padding of a pool is smaller than what
    its window covers, D(F-1) + 1; half of that is usual. A dilated window of a padded pool must not
    step over the whole input.
    """

    code: ClassVar[str] = "E307"
    title: ClassVar[str] = "`{layer}` has windows that see nothing but padding"
    label: ClassVar[str] = "covers {window.reach} cells of {axis}, the padding is {window.low} and {window.high}"

    layer: str
    axis: str
    volume: Volume
    window: Window
    #: the windows of all axes, which a repair must suit
    windows: tuple[Window, ...] = ()

    def fault(self) -> str:
        return "pad"

    def repairs(self) -> list[Repair]:
        return covering_repairs(self.windows or (self.window,))

    def helps(self) -> Iterable[str]:
        ways = [f"`{repair}`" for repair in self.repairs()]
        yield f"use {' or '.join(ways)}" if ways else "use less padding, and a dilation of 1"

    def fixes(self) -> Iterable[Fix]:
        return fixes(self.where, self.repairs())


class InexactDivision(Problem):
    """(W - F + 2P)/S is not a whole number: the windows do not come out even with the input.

    The textbooks call this an error; frameworks round down and leave the cells behind the last
    window unread. `cnnc check --strict` reports it. The message shows which padding, stride or
    input would divide exactly.
    """

    code: ClassVar[str] = "E308"
    title: ClassVar[str] = "the windows of `{layer}` do not come out even with {axis}"
    label: ClassVar[str] = "{window.room}/{window.stride} leaves {window.remainder}"

    layer: str
    axis: str
    volume: Volume
    window: Window
    #: the windows of all axes, which a repair must suit
    windows: tuple[Window, ...] = ()

    def fault(self) -> str:
        return "stride"

    def notes(self) -> Iterable[str]:
        yield f"{self.axis}: {self.window.formula}"
        lost = self.window.unread
        if lost:
            yield f"the last {'cell' if lost == 1 else f'{lost} cells'} of {self.axis} of the input {self.volume} " + (
                "is never read" if lost == 1 else "are never read"
            )
        yield from _led_here(self.where)

    def helps(self) -> Iterable[str]:
        ways = [f"`{repair}`" for repair in self.repairs()]
        window = self.window
        assert window.extent is not None
        below, above = window.extent - window.remainder, window.extent + window.stride - window.remainder
        sizes = f"{below} or {above}" if below >= 1 and window.replace(extent=below).fits else f"{above}"
        yield f"exact with {', or '.join([*ways, f'{self.axis} {sizes}'])}"

    def repairs(self) -> list[Repair]:
        return even_repairs(self.windows or (self.window,))

    def fixes(self) -> Iterable[Fix]:
        return fixes(self.where, self.repairs())
