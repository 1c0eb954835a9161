"""Keeping weights while a net trains: the last, and the best, which need not be the last.

With a running mean (`ema`) it is the mean that is kept, as it is what the validation measured.
"""

from __future__ import annotations

from pathlib import Path

from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.callbacks.watch import Watch


class BestModel(Watch):
    """Saves the weights after every epoch that was better than all before, as `model.save` does.

    Raises CnnError (E523) for a measure that the training does not have, and E543 where it cannot be written.
    """

    def __init__(self, path: str | Path, measure: str = "", least: float = 0.0) -> None:
        super().__init__(measure, least)
        self.path = Path(path)

    def on_epoch(self, run: Run) -> None:
        if self.better(run):
            with run.model.averaged():
                run.model.save(self.path)


class LastModel(Callback):
    """Saves the weights after every epoch. Raises CnnError (E543) where they cannot be written."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def on_epoch(self, run: Run) -> None:
        with run.model.averaged():
            run.model.save(self.path)
