"""How the learning rate changes while a net trains."""

from __future__ import annotations

from math import cos, pi
from typing import ClassVar

from cnndsl.train.choices import Choice


class Schedule(Choice):
    """Base of the schedules."""

    what: ClassVar[str] = "schedule"

    def factor(self, progress: float) -> float:
        """What the optimizer's rate is multiplied by, `progress` (0 to 1) into the run."""
        raise NotImplementedError


class Constant(Schedule):
    """The optimizer's rate from the first step to the last."""

    kind: ClassVar[str] = "constant"
    known_as: ClassVar[tuple[str, ...]] = ("none", "fixed")

    def factor(self, progress: float) -> float:
        return 1.0


class Cosine(Schedule):
    """From the optimizer's rate down to 0 along half a cosine (Loshchilov and Hutter, 2017, without restarts)."""

    kind: ClassVar[str] = "cosine"
    known_as: ClassVar[tuple[str, ...]] = ("cosine_annealing", "cosine_decay", "CosineAnnealingLR", "CosineDecay")

    def factor(self, progress: float) -> float:
        return 0.5 * (1.0 + cos(pi * progress))
