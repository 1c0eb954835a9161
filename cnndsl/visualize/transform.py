"""Transforms of an image, and what a layer that goes along with them would do to its maps."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.analysis.field import AxisField
from cnndsl.data.augment.rotate import rotated
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.record import Record
from cnndsl.train.choices import Choice
from cnndsl.visualize.resample import enlarged

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Amounts = tuple[float, ...]


class Layout(Record):
    """How the positions of maps lie over the image: for each of the two axes its field, its and the image's extent."""

    axes: tuple[AxisField, AxisField]
    extents: tuple[int, int]
    image: tuple[int, int]

    def ends(self, axis: int) -> tuple[Array, Array] | None:
        """The first and the last cell that each position sees on an axis; None where it sees the whole of it."""
        field = self.axes[axis]
        seen = [field.bounds(position) for position in range(self.extents[axis])]
        if not field.lows or field.whole or None in seen:
            return None
        low, high = zip(*(ends for ends in seen if ends))
        return np.array(low), np.array(high)

    def within(self, beyond: Any) -> Array:
        """The positions (rows, columns) whose fields lie wholly where `beyond(axis, low, high)` allows."""
        parts = []
        for axis in range(2):
            ends = self.ends(axis)
            parts.append(np.zeros(self.extents[axis], bool) if ends is None else beyond(axis, *ends))
        found: Array = parts[0][:, None] & parts[1][None, :]
        return found


class Transform(Choice):
    """Base of the transforms: of images, of maps, and where the two can be compared without the border's say."""

    what: ClassVar[str] = "transform"
    #: the amounts that are tried unless others are given, what one is, and that of no change
    amounts: ClassVar[Amounts] = ()
    unit: ClassVar[str] = ""
    none: ClassVar[float] = 0.0

    def check(self, amount: float) -> None:
        """Refuses an amount that means nothing. Raises CnnError (E523)."""

    def images(self, x: Array, amount: float) -> Array:
        """Images (N, H, W, C), transformed."""
        raise NotImplementedError

    def maps(self, values: Array, amount: float, layout: Layout) -> Array:
        """Maps (N, rows, columns, C), transformed as the image was."""
        raise NotImplementedError

    def inner(self, amount: float, layout: Layout) -> Array:
        """The positions (rows, columns), bool, for which both sides see nothing but the image."""
        raise NotImplementedError


class Shift(Transform):
    """Moves by whole pixels down and to the right; what leaves on one side comes in on the other."""

    kind: ClassVar[str] = "shift"
    known_as: ClassVar[tuple[str, ...]] = ("translate", "translation", "roll", "move")
    amounts: ClassVar[Amounts] = (1, 2, 3, 4)
    unit: ClassVar[str] = "pixels"

    def check(self, amount: float) -> None:
        if amount != int(amount):
            raise BadSetting(NOWHERE, self.kind, "amount", amount, "a whole number of pixels", 2).error()

    def images(self, x: Array, amount: float) -> Array:
        return np.roll(x, (int(amount), int(amount)), (1, 2))

    def maps(self, values: Array, amount: float, layout: Layout) -> Array:
        return np.roll(values, [round(moved) for moved in self._moved(amount, layout)], (1, 2))

    def inner(self, amount: float, layout: Layout) -> Array:
        if any(moved.denominator != 1 for moved in self._moved(amount, layout)):
            return np.zeros(layout.extents, bool)

        def fits(axis: int, low: Array, high: Array) -> Array:
            extent = layout.image[axis]
            found: Array = (low >= max(0, int(amount))) & (high <= extent - 1 + min(0, int(amount)))
            return found

        return layout.within(fits)

    def _moved(self, amount: float, layout: Layout) -> list[Fraction]:
        """By how many positions the maps move on each axis."""
        jumps = [field.jump for field in layout.axes]
        return [Fraction(int(amount)) / jump if jump else Fraction(0) for jump in jumps]


class Rotate(Transform):
    """Turns counterclockwise around the middle, by degrees, straight between pixels; zeros come in."""

    kind: ClassVar[str] = "rotate"
    known_as: ClassVar[tuple[str, ...]] = ("rotation", "turn", "angle")
    amounts: ClassVar[Amounts] = (15, 30, 45, 90)
    unit: ClassVar[str] = "degrees"

    def images(self, x: Array, amount: float) -> Array:
        return rotated(x, np.full(len(x), np.deg2rad(amount))).astype(np.float32)

    def maps(self, values: Array, amount: float, layout: Layout) -> Array:
        return self.images(values, amount)

    def inner(self, amount: float, layout: Layout) -> Array:
        """The positions whose fields lie in the largest disk in the image."""
        radius = (min(layout.image) - 1) / 2
        corners = []
        for axis in range(2):
            ends = layout.ends(axis)
            if ends is None:
                return np.zeros(layout.extents, bool)
            middle = (layout.image[axis] - 1) / 2
            corners.append(np.maximum(np.abs(ends[0] - middle), np.abs(ends[1] - middle)))
        found: Array = np.hypot(corners[0][:, None], corners[1][None, :]) <= radius
        return found


class Zoom(Transform):
    """Enlarges by a factor around the middle, or shrinks below 1, straight between pixels; zeros come in."""

    kind: ClassVar[str] = "zoom"
    known_as: ClassVar[tuple[str, ...]] = ("scaling", "resize", "enlarge", "magnify")
    amounts: ClassVar[Amounts] = (0.8, 1.25, 1.5, 2)
    unit: ClassVar[str] = "times"
    none: ClassVar[float] = 1.0

    def check(self, amount: float) -> None:
        if amount <= 0:
            raise BadSetting(NOWHERE, self.kind, "amount", amount, "a factor above 0", 1.5).error()

    def images(self, x: Array, amount: float) -> Array:
        return enlarged(x, amount).astype(np.float32)

    def maps(self, values: Array, amount: float, layout: Layout) -> Array:
        return self.images(values, amount)

    def inner(self, amount: float, layout: Layout) -> Array:
        def fits(axis: int, low: Array, high: Array) -> Array:
            middle = (layout.image[axis] - 1) / 2
            found: Array = np.maximum(np.abs(low - middle), np.abs(high - middle)) <= min(1.0, amount) * middle
            return found

        return layout.within(fits)
