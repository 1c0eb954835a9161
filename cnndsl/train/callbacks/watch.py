"""Watching a measure: whether an epoch was better than all before it."""

from __future__ import annotations

from math import isfinite
from typing import Any

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.train.callbacks.base import Callback, Run


class Watch(Callback):
    """Base of the callbacks that watch a measure: the validation's loss, else the training's, or the one that is named.

    Of a loss (a name that ends in `loss`) or an error less is better, of all others more. `best` is the best value
    so far and `epoch` the epoch that had it. Better means by more than `least`.
    """

    def __init__(self, measure: str = "", least: float = 0.0) -> None:
        self.measure, self.least = measure, least
        self.best: float | None = None
        self.epoch = 0

    def name(self, run: Run) -> str:
        """The measure that is watched. Raises CnnError (E523) if this training has none of that name."""
        name = self.measure or ("val_loss" if "val_loss" in run.scores else "loss")
        if name not in run.scores:
            wanted = f"a measure of this training: {', '.join(run.scores)}"
            raise BadSetting(NOWHERE, type(self).__name__, "measure", name, wanted, next(iter(run.scores))).error()
        return name

    def better(self, run: Run) -> bool:
        """Whether the epoch that is done is the best so far, which is then noted."""
        name = self.name(run)
        value = run.scores[name]
        sign = 1 if less_is_better(name) else -1
        if not isfinite(value) or (self.best is not None and sign * value >= sign * self.best - self.least):
            return False
        self.best, self.epoch = value, run.epoch
        return True

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "epoch": self.epoch}

    def restore(self, state: dict[str, Any]) -> None:
        self.best, self.epoch = state["best"], state["epoch"]


def less_is_better(measure: str) -> bool:
    """Whether small values of a measure are good ones."""
    return measure.endswith(("loss", "error"))
