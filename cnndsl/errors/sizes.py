"""E311 to E314: sizes that a layer cannot bring its input to."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import ClassVar

from cnndsl.errors.base import NOWHERE, Problem
from cnndsl.volume import Extent, Volume


class CannotReach(Problem):
    """`crop(to=…)` only takes cells away and `upsample(to=…)` only adds some.

    Both bring the spatial axes of their input to those of another volume, which therefore has as
    many of them. To crop to a larger volume, crop that one to this, or pad; to make a volume
    smaller, pool it.
    """

    code: ClassVar[str] = "E311"
    title: ClassVar[str] = "`{layer}` cannot bring {volume} to the size of {target}"
    label: ClassVar[str] = "{why}"

    layer: str
    volume: Volume
    target: Volume
    #: the axis that is in the way; "" where their number differs
    axis: str = ""
    extents: tuple[int, int] = (0, 0)
    #: whether the target should be the larger one
    larger: bool = False

    def fault(self) -> str:
        return "to"

    @property
    def why(self) -> str:
        if not self.axis:
            return f"{self.target.rank} spatial axes, the input has {self.volume.rank}"
        have, wanted = self.extents
        return f"its {self.axis} is {wanted}, that of the input is {have}"

    def helps(self) -> Iterable[str]:
        if not self.axis:
            yield "give a label whose volume has as many axes"
        elif self.larger:
            yield "pool or crop this volume, or upsample the other one to it"
        else:
            yield "crop the other volume to this one, or `pad` this one"


class NothingLeft(Problem):
    """What an argument takes away leaves no cell of an axis.

    `crop(2)` takes two cells from each side of every axis, so an axis needs at least five. The
    padding of a `deconv` is cells that its output loses:
    W2 = (W - 1) S - P_lo - P_hi + D(F-1) + 1 + output_pad must be at least 1.
    """

    code: ClassVar[str] = "E312"
    title: ClassVar[str] = "`{layer}` leaves nothing of the {axis} of {volume}"
    label: ClassVar[str] = "takes too much"
    note: ClassVar[str] = "{axis}: {formula}, which must be at least 1"

    layer: str
    argument: str
    axis: str
    volume: Volume
    formula: str
    advice: str

    def fault(self) -> str:
        return self.argument

    def helps(self) -> Iterable[str]:
        yield self.advice


class TooWide(Problem):
    """An argument reaches farther than there is something to take.

    `pad(2, reflect)` mirrors two cells inside the border, which therefore are there beside the
    border cell itself: an axis of at least three. `output_pad` of a `deconv` only decides between
    the sizes that a stride or a dilation makes ambiguous, so it is smaller than one of them.
    """

    code: ClassVar[str] = "E313"
    title: ClassVar[str] = "`{argument}={value}` of `{layer}` is too wide: {why}"
    label: ClassVar[str] = "at most {most} on the {axis}"
    help: ClassVar[str] = "use at most {most}{instead}"

    layer: str
    argument: str
    value: str
    axis: str
    most: int
    why: str
    instead: str = ""

    def fault(self) -> str:
        return self.argument


class WrongCount(Problem):
    """A new shape for the same values holds more or fewer of them, or has another number of axes.

    `reshape(4x4x8)` needs an input of exactly 128 values; one extent may be `?`, and is then what
    the others leave. `permute` names every axis of its input once, the channels included.
    """

    code: ClassVar[str] = "E314"
    title: ClassVar[str] = "`{layer}` cannot arrange {volume} as {wanted}"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    layer: str
    argument: str
    volume: Volume
    wanted: str
    why: str
    advice: str

    def fault(self) -> str:
        return self.argument


def reshape_mismatch(layer: str, volume: Volume, size: tuple[Extent, ...]) -> WrongCount:
    """A size that does not hold the values of a volume."""
    fixed = prod(extent for extent in size if extent is not None)
    count = volume.elements
    wanted = str(Volume(size))
    if size.count(None) > 1:
        why = "only one extent can be what the others leave"
    elif None in size:
        why = f"{count} values are no multiple of {fixed}"
    else:
        why = f"{fixed} values, the input has {count}"
    open_one = "x".join(["?", *(str(extent) for extent in size[1:])]) if len(size) > 1 and None not in size else ""
    rest = prod(extent for extent in size[1:] if extent is not None)
    fits = bool(open_one and count is not None and count % rest == 0)
    advice = f"`{layer}({open_one})` would take all of them" if fits else f"give it extents whose product is {count}"
    return WrongCount(NOWHERE, layer, "size", volume, wanted, why, advice)
