"""Flip: left and right, or top and bottom, exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.train.limits import SHARE, Check, Flag

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array


class Flip(Augment):
    """Mirrors an image with probability `chance`: left to right, or upside down if `vertical`."""

    kind: ClassVar[str] = "flip"
    known_as: ClassVar[tuple[str, ...]] = ("RandomHorizontalFlip", "RandomFlip", "hflip", "mirror")
    mains: ClassVar[tuple[str, ...]] = ("chance",)
    settings_elsewhere: ClassVar[dict[str, str]] = {"p": "chance"}
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"chance": (SHARE, 0.5), "vertical": (Flag(), True)}

    chance: float = 0.5
    vertical: bool = False

    def apply(self, x: Array, draws: Draws) -> Array:
        chosen = draws.uniform() < self.chance
        flipped = x.copy()
        flipped[chosen] = x[chosen, ::-1] if self.vertical else x[chosen, :, ::-1]
        return flipped
