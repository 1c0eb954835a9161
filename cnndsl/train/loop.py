"""The training loop and its counterpart without updates."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cnndsl.train import measured
from cnndsl.train.attacks import Attack, trained_on
from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.checkpoints import Checkpoints
from cnndsl.train.diverged import diverged
from cnndsl.train.feed import Batch, Feed, Visit
from cnndsl.train.history import History
from cnndsl.train.interruption import Asked, Interruption
from cnndsl.train.measured import Outcome
from cnndsl.train.meter import Meter
from cnndsl.train.resume import taken
from cnndsl.train.schedules import Pace, Schedule
from cnndsl.train.together import NOTHING, SAVE, STOP, Together

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
        checkpoints: Checkpoints | None = None,
        adversarial: Attack | None = None,
    ) -> None:
        self.model = model
        self.together = Together(model.ranks)
        self.training = training
        self.validation = validation
        for feed in (training, validation):
            if feed is not None:
                feed.share = self.together.share
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.schedule = schedule
        self.pace = Pace(schedule)
        self.adversarial = adversarial
        self.callbacks = tuple(callbacks) if self.together.leads else ()
        self.checkpoints = checkpoints if self.together.leads else None
        self.made: dict[str, Any] = {}  # what must be the same where a checkpoint is to go on
        self.interruption = Interruption()
        self.last_loss: float | None = None
        self.meter = Meter(model.task.goals)
        self.spent = 0.0  # seconds of this epoch before the run was resumed
        self.start = perf_counter()
        self.complete = False  # whether the epoch of `run` is done
        self.run = Run(model, model.epochs + 1, epochs, training.steps(batch_size), len(training))
        self.run.history = model.history = History()

    def __call__(self) -> History:
        """Runs to the end, to a callback's `stop`, or to Ctrl-C, which keeps what is done and leaves a checkpoint."""
        run = self.run
        try:
            with self.interruption:
                self.tell("on_start")
                self.epochs()
        except KeyboardInterrupt:  # within a step: what it has changed is not known, so the last checkpoint stays
            run.history.interrupted = True
        finally:
            self.tell("on_end")
        return run.history

    def epochs(self) -> None:
        """One epoch after the other; Ctrl-C between two steps leaves a checkpoint."""
        try:
            while self.position[0] <= self.run.epochs and not self.run.stopping:
                self.epoch()
        except Asked:
            self.run.history.interrupted = True
            self.save()

    @property
    def position(self) -> tuple[int, int]:
        """The epoch that is at work or the next one, and how many of its steps are done."""
        run = self.run
        return (run.epoch + 1, 0) if self.complete else (run.epoch, run.step)

    def save(self) -> None:
        """Leaves a checkpoint, if there is a place for it. Raises CnnError (E547)."""
        meter = self.together.merged(self.meter)
        self.together.saved()
        if self.checkpoints is not None:
            saved = taken(self, meter)
            self.checkpoints.save(saved.engine.numbers["step"], saved)

    def tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self.run)

    def named(self) -> Iterator[tuple[str, Callback]]:
        """The callbacks with names that stay the same from run to run."""
        for number, callback in enumerate(self.callbacks):
            same = sum(type(other) is type(callback) for other in self.callbacks[:number])
            yield f"{type(callback).__qualname__} {same + 1}", callback

    def elapsed(self) -> float:
        """Seconds of this epoch, those before the run was resumed included."""
        return self.spent + perf_counter() - self.start

    def epoch(self) -> None:
        """One pass over the training examples, or the rest of it, then the validation examples."""
        run = self.run
        (run.epoch, run.step), self.complete, self.start = self.position, False, perf_counter()
        self.tell("on_epoch_start")
        self.steps()
        trained, validated = self.together.merged(self.meter), self.validated()
        run.scores = trained.scores() | (validated.scores("val_") if validated else {})
        speed = {"seconds": self.elapsed(), "images_per_second": run.images_per_second}
        run.history.add({"epoch": run.epoch, **run.scores, **speed})
        self.meter, self.spent, self.complete, self.model.epochs = Meter(self.model.task.goals), 0.0, True, run.epoch
        self.pace.observe(run.scores)
        self.tell("on_epoch")
        run.stopping = self.together.any(run.stopping)
        self.save()

    def validated(self) -> Meter | None:
        """Loss and metrics of the validation examples. Raises Asked if the user wants to stop meanwhile."""
        if self.validation is None:
            return None
        asked, meter = False, Meter(self.model.task.goals)
        try:
            with self.model.averaged():
                meter = evaluate(self.model, self.validation, self.batch_size, self.interruption.check)
        except Asked:
            asked = True
        if self.together.any(asked):
            raise Asked
        return self.together.merged(meter)

    def steps(self) -> None:
        """The steps of an epoch. An engine that works in the background is read one step late, to keep it busy."""
        run = self.run
        visit = Visit(self.model.seed, run.epoch - 1, self.shuffle)
        waiting: tuple[Batch, Outcome] | None = None
        with closing(self.training.batches(self.batch_size, visit, run.step)) as batches:
            for number, batch in enumerate(self.together.even(batches, self.training.numbered), run.step):
                if waiting and self.resting:
                    self.settle(*waiting)
                    waiting = None
                self.rest()
                if self.adversarial:
                    name = f"attack {run.epoch} {number}" + f" {self.training.share.rank}" * (not self.together.leads)
                    batch = trained_on(self.model, self.adversarial, batch, name)
                run.rate = self.model.optimizer.rate * self.pace.factor(*run.moment(number))
                self.together.tell(batch, self.wish)
                outcome = measured.step(self.model, batch, run.rate)
                if waiting:
                    self.settle(*waiting)
                waiting = (batch, outcome)
                if isinstance(outcome[0], float):
                    self.settle(*waiting)
                    waiting = None
        if waiting:
            self.settle(*waiting)

    @property
    def wish(self) -> int:
        """What this process wants to be done between two steps."""
        due = self.checkpoints is not None and self.checkpoints.due
        return STOP if self.interruption.asked else SAVE if due else NOTHING

    @property
    def resting(self) -> bool:
        """Whether something is to be done between two steps."""
        return self.together.agreed(self.wish) != NOTHING

    def rest(self) -> None:
        """Between two steps: leaves a checkpoint if it is time for one, and raises Asked if the user wants to stop."""
        agreed = self.together.agreed(self.wish)
        if agreed == STOP:
            raise Asked
        if agreed == SAVE:
            self.save()

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Takes the result of a step in. Raises CnnError (E526) for a loss that is not finite."""
        run, value = self.run, float(outcome[0])
        run.step += 1
        if not isfinite(value):
            raise diverged(self.model, run, batch, value, self.last_loss)
        self.last_loss = run.loss = value
        if batch.count:
            self.meter.add(value, batch.count, outcome[1]())
        run.scores = self.meter.scores()
        run.images_per_second = self.meter.examples * self.training.share.size / max(self.elapsed(), 1e-9)
        self.tell("on_step")
        if self.checkpoints is not None:
            self.checkpoints.count()


def evaluate(model: Model, feed: Feed, batch_size: int, between: Callable[[], None] = lambda: None) -> Meter:
    """Loss and metrics over a feed, in inference mode, each example weighing the same; `between` before each batch."""
    meter, waiting = Meter(model.task.goals), deque[tuple[Batch, Outcome]]()
    with closing(feed.batches(batch_size)) as batches:
        for batch in batches:
            between()
            if batch.count:
                waiting.append((batch, measured.evaluate(model, batch)))
            if len(waiting) > 1:  # read one batch late: a device is at work on the next one by then
                _add(meter, *waiting.popleft())
    for each in waiting:
        _add(meter, *each)
    return meter


def _add(meter: Meter, batch: Batch, outcome: Outcome) -> None:
    meter.add(float(outcome[0]), batch.count, outcome[1]())


def single(model: Model, feed: Feed, rate: float | None) -> Meter:
    """One step on all examples of a feed. Raises CnnError (E526) for a loss that is not finite."""
    meter = Meter(model.task.goals)
    with closing(feed.batches(len(feed))) as batches:
        batch = next(batches)
    outcome = measured.step(model, batch, rate)
    if not isfinite(float(outcome[0])):
        alone = Run(model, 0, 1, 1, batch.count)
        alone.rate = model.optimizer.rate if rate is None else rate
        raise diverged(model, alone, batch, float(outcome[0]), None)
    _add(meter, batch, outcome)
    return meter
