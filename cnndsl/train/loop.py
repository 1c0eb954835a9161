"""The training loop and its counterpart without updates."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cnndsl.train.callbacks import Callback, Run
from cnndsl.train.diverged import diverged
from cnndsl.train.feed import Batch, Feed, Visit
from cnndsl.train.history import History
from cnndsl.train.meter import Meter
from cnndsl.train.schedules import Schedule

if TYPE_CHECKING:
    from cnndsl.train.model import Model


class Loop:
    """Trains a model on a feed, epoch by epoch."""

    def __init__(
        self,
        model: Model,
        training: Feed,
        validation: Feed | None,
        *,
        epochs: int,
        batch_size: int,
        shuffle: bool,
        schedule: Schedule,
        callbacks: Iterable[Callback],
    ) -> None:
        self.model = model
        self.training = training
        self.validation = validation
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.schedule = schedule
        self.callbacks = tuple(callbacks)
        self.last_loss: float | None = None
        self.run = Run(model, model.epochs + 1, epochs, training.steps(batch_size), len(training))

    def __call__(self) -> History:
        """Runs to the end, to a callback's `stop`, or to Ctrl-C, which keeps what is done."""
        run = self.run
        run.history = self.model.history = History()
        try:
            self.tell("on_start")
            for number in range(run.first, run.epochs + 1):
                run.epoch = number
                self.epoch()
                if run.stopping:
                    break
        except KeyboardInterrupt:
            run.history.interrupted = True
        finally:
            self.tell("on_end")
        return run.history

    def tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self.run)

    def epoch(self) -> None:
        """One pass over the training examples, then the validation examples."""
        run, start = self.run, perf_counter()
        self.tell("on_epoch_start")
        meter = self.steps(start)
        validated = evaluate(self.model, self.validation, self.batch_size) if self.validation else None
        run.scores = meter.scores() | (validated.scores("val_") if validated else {})
        speed = {"seconds": perf_counter() - start, "images_per_second": run.images_per_second}
        run.history.add({"epoch": run.epoch, **run.scores, **speed})
        self.model.epochs = run.epoch
        self.tell("on_epoch")

    def steps(self, start: float) -> Meter:
        """The steps of an epoch. An engine that works in the background is read one step late, to keep it busy."""
        run, meter = self.run, Meter(self.model.task.goals)
        visit = Visit(self.model.seed, run.epoch - 1, self.shuffle)
        run.step = 0
        waiting: tuple[Batch, Any, Any] | None = None
        with closing(self.training.batches(self.batch_size, visit)) as batches:
            for number, batch in enumerate(batches):
                run.rate = self.model.optimizer.rate * self.schedule.factor(run.progress_at(number))
                loss, outputs = self.model.engine.step(batch.inputs, batch.targets, run.rate)
                if waiting:
                    self.settle(meter, *waiting, start)
                waiting = (batch, loss, outputs)
                if isinstance(loss, float):
                    self.settle(meter, *waiting, start)
                    waiting = None
        if waiting:
            self.settle(meter, *waiting, start)
        return meter

    def settle(self, meter: Meter, batch: Batch, loss: Any, outputs: Any, start: float) -> None:
        """Takes the result of a step in. Raises CnnError (E526) for a loss that is not finite."""
        run, value = self.run, float(loss)
        run.step += 1
        if not isfinite(value):
            raise diverged(self.model, run, batch, value, self.last_loss)
        self.last_loss = value
        meter.add(value, batch.count, outputs, batch.targets)
        run.scores = meter.scores()
        run.images_per_second = meter.examples / max(perf_counter() - start, 1e-9)
        self.tell("on_step")


def evaluate(model: Model, feed: Feed, batch_size: int) -> Meter:
    """Loss and metrics over a feed, in inference mode, each example weighing the same."""
    meter = Meter(model.task.goals)
    with closing(feed.batches(batch_size)) as batches:
        for batch in batches:
            loss, outputs = model.engine.evaluate(batch.inputs, batch.targets)
            meter.add(float(loss), batch.count, outputs, batch.targets)
    return meter
