"""Events for TensorBoard, written by tensorboardX (the extra `tensorboard`), which needs no TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import NoTensorBoard
from cnndsl.train.callbacks.base import Callback, Run


class TensorBoard(Callback):
    """Writes the loss and the learning rate of every step, and the measures of every epoch, into a folder.

    `tensorboard --logdir FOLDER` shows them; a training that goes on takes the place of what came after its
    checkpoint. Raises CnnError (E527) if tensorboardX is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise NoTensorBoard(NOWHERE).error() from None
        self.folder, self.make = Path(folder), SummaryWriter
        self.writer: Any = None
        self.steps = 0

    def on_start(self, run: Run) -> None:
        # Its files are named by the second: the suffix keeps one that goes on from writing over the one before.
        before = self.steps + 1 if self.steps else None
        self.writer = self.make(str(self.folder), purge_step=before, filename_suffix=f".{self.steps}")

    def on_step(self, run: Run) -> None:
        self.steps += 1
        self.writer.add_scalar("step/loss", run.loss, self.steps)
        self.writer.add_scalar("step/rate", run.rate, self.steps)

    def on_epoch(self, run: Run) -> None:
        for name, value in run.scores.items():
            self.writer.add_scalar(f"epoch/{name}", value, run.epoch)
        self.writer.flush()

    def on_end(self, run: Run) -> None:
        if self.writer is not None:
            self.writer.close()

    def state(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]
