"""Early stopping: an end to training that no longer helps (L. Prechelt, Early stopping, but when?, 1998)."""

from __future__ import annotations

from typing import Any

from cnndsl.train.callbacks.base import Run
from cnndsl.train.callbacks.watch import Watch
from cnndsl.train.choices import whole


class EarlyStopping(Watch):
    """Stops when a measure has not become better (by more than `least`) for `patience` epochs in a row.

    Raises CnnError (E523) for a measure that the training does not have.
    """

    def __init__(self, patience: int = 5, measure: str = "", least: float = 0.0) -> None:
        super().__init__(measure, least)
        self.patience = whole("EarlyStopping", "patience", patience, 1)
        self.waited = 0

    def on_epoch(self, run: Run) -> None:
        self.waited = 0 if self.better(run) else self.waited + 1
        if self.waited >= self.patience:
            run.stop()

    def state(self) -> dict[str, Any]:
        return {**super().state(), "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.waited = state["waited"]
