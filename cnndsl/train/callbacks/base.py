"""Callbacks: what a user may do while a net trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.train.history import History

if TYPE_CHECKING:
    from cnndsl.train.model import Model


class Run:
    """Where a training run is. Callbacks read it, and may call `stop`.

    `epoch` counts from 1 and goes on from earlier runs of the same model, up to `epochs`; `step`
    counts the batches of the epoch up to `steps`; `loss` is that of the last batch, `scores` are the means of
    the epoch so far (of the whole epoch, with those of the validation data, once it is done).
    """

    def __init__(self, model: Model, first: int, epochs: int, steps: int, examples: int) -> None:
        self.model = model
        self.epoch = first
        self.first = first
        self.epochs = first + epochs - 1
        self.step = 0
        self.steps = steps
        self.examples = examples
        self.images_per_second = 0.0
        self.rate = 0.0
        self.loss = 0.0
        self.scores: dict[str, float] = {}
        self.history = History()
        self.stopping = False

    def stop(self) -> None:
        """Ends the training after this epoch."""
        self.stopping = True

    def moment(self, step: int) -> tuple[float, float, int]:
        """When that step (from 0) of the epoch begins: the part of the run that is done, the epochs that are, and all.

        Where nobody knows how many steps an epoch has (`steps` is 0), they move with whole epochs only.
        """
        epochs = self.epochs - self.first + 1
        done = self.epoch - self.first + (step / self.steps if self.steps else 0)
        return done / epochs, done, epochs


class Callback:
    """Base of the callbacks: override what you need. `run` is the same object all along."""

    def on_start(self, run: Run) -> Any:
        """Before the first epoch."""

    def on_epoch_start(self, run: Run) -> Any:
        """Before the first batch of an epoch."""

    def on_step(self, run: Run) -> Any:
        """After each batch whose loss has arrived."""

    def on_epoch(self, run: Run) -> Any:
        """After an epoch and its validation; its measures are the last entry of `run.history`."""

    def on_end(self, run: Run) -> Any:
        """At the end, also after Ctrl-C or an error."""

    def state(self) -> dict[str, Any]:
        """What it must know to go on from a checkpoint, for JSON; nothing by default."""
        return {}

    def restore(self, state: dict[str, Any]) -> Any:
        """Goes on from what `state` gave, before `on_start`."""
