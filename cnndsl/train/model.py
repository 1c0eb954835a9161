"""Model: a net compiled for a backend, ready to be trained, evaluated, used and saved."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data import dataset_of
from cnndsl.data.normalization import Normalization
from cnndsl.engine import AS_USUAL, Backend, CountingEngine, JoiningBackend, PlanningEngine, Ranks, Running
from cnndsl.errors.backends import NoMemoryPlan
from cnndsl.errors.base import NOWHERE
from cnndsl.program import Program
from cnndsl.train import weights
from cnndsl.train.attacks import Attack
from cnndsl.train.callbacks.base import Callback
from cnndsl.train.checkpoints import Checkpoints
from cnndsl.train.choices import choose, whole
from cnndsl.train.history import History, Scores
from cnndsl.train.loop import Loop, evaluate, single
from cnndsl.train.metadata import Metadata
from cnndsl.train.optimizers import Rule
from cnndsl.train.progress import progress
from cnndsl.train.resume import begin
from cnndsl.train.reuse import Reuse
from cnndsl.train.running import build
from cnndsl.train.schedules import Schedule
from cnndsl.train.task import Task
from cnndsl.train.update import Update
from cnndsl.train.warned import warn_of_data, warn_of_slowness

if TYPE_CHECKING:
    from cnndsl.analysis.planning import MemoryPlan
    from cnndsl.analysis.used import MemoryUsed
    from cnndsl.data.arrays import Array
    from cnndsl.net import Net
    from cnndsl.train.rate_search import RateSearch


class Model(Reuse):
    """A net on a backend. Arrays hold the examples first, channels last; targets are labels or numbers.

    `engine` has the weights, `history` the last training's, `epochs` how many epochs were trained in
    all. `class_names` and `normalization` (how raw pixels became the inputs) are kept with the weights.
    """

    def __init__(
        self,
        net: Net,
        program: Program,
        backend: Backend,
        optimizer: Rule | Update,
        task: Task,
        *,
        seed: int = 0,
        class_names: Iterable[str] = (),
        normalization: Normalization | None = None,
        running: Running = AS_USUAL,
    ) -> None:
        self.net = net
        self.program = program
        self.backend = backend
        self.optimizer = optimizer
        self.task = task
        self.seed = whole("compile", "seed", seed, None)
        self.class_names = tuple(class_names)
        self.normalization = normalization or Normalization()
        self.running = running
        self.engine = build(backend, program, running, optimizer=optimizer, seed=self.seed)
        self.history = History()
        self.epochs = 0

    @property
    def ranks(self) -> Ranks | None:
        """The processes that train it together, `model.ranks.rank` being this one; None where it is only this one."""
        return self.backend.ranks if isinstance(self.backend, JoiningBackend) else None

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        validation_data: Any = None,
        augment: Any = (),
        verbose: int = 1,
        callbacks: Iterable[Callback] = (),
        schedule: str | Schedule = "constant",
        checkpoints: str | Path | Checkpoints | None = None,
        resume: bool = False,
        adversarial: str | Attack | None = None,
    ) -> History:
        """Trains on examples and their targets; going on where an earlier `fit` ended.

        `x` is an array (N, *input shape) of decimals, `y` N labels (for `cross_entropy`, `hinge`) or an array
        (N, *output shape) (for the other losses); with several inputs or outputs, dicts of them by name. Or `x`
        alone is data that holds both: what `cnndsl.data.open` gives or takes, so also an iterable of
        pairs; `validation_data` likewise (by default the data's validation part). The
        order of each epoch depends on the seed and the epoch's number only. `schedule` is a name
        or an instance of `cnndsl.train.schedules` (constant, cosine, step, one_cycle, warmup, plateau);
        `verbose` 0 is silent, 1 shows a bar in a terminal, 2 a line an epoch. Ctrl-C returns the history
        so far, marked as interrupted. `augment` changes the training examples: a list such as
        `[Flip(), Crop(32, pad=4)]` from `cnndsl.data.augment`, or the text `"flip,crop:4"`.

        `checkpoints` is a folder for what it takes to go on after the machine died, saved after every epoch and
        at Ctrl-C (more often with `Checkpoints(folder, steps=100)`). With `resume` this training goes on from the
        newest whole one as if it had never stopped, to the same bits; without any it begins.

        On several ranks (`compile(distributed=True)`) the batch is that of all of them, and each reads its part of
        it. Rank 0 alone prints, saves and has callbacks; the history is the same on all.

        `adversarial` attacks a part of every batch before the step, `FGSM(0.3)` or `PGD(0.3)` of
        `cnndsl.train.attacks`; `attack` measures what it helps.

        Raises CnnError for data that does not fit (E501 to E511), a setting that cannot work (E523), a loss that
        is no longer finite (E526), checkpoints that cannot be used or written (E544 to E548), and ranks that have
        gone or train something else (E607, E609).
        """
        epochs = whole("fit", "epochs", epochs, 0)
        batch_size = whole("fit", "batch_size", batch_size, 1)
        if y is None and (data := dataset_of(x)) is not None:
            x, validation_data = data, data.validation if validation_data is None else validation_data
            self.class_names = self.class_names or data.class_names
            self.normalization = data.normalization
        training = self.task.feed(x, y)
        training.augment = self.task.augmentations(augment)
        if not self.ranks or self.ranks.rank == 0:
            warn_of_slowness(self.backend, stacklevel=2)
            warn_of_data(self.net.graph, self.task, training, stacklevel=2)
        loop = Loop(
            self,
            training,
            self.task.validation(validation_data),
            epochs=epochs,
            batch_size=batch_size,
            shuffle=shuffle,
            schedule=choose(Schedule, schedule),
            callbacks=(*callbacks, progress(whole("fit", "verbose", verbose, 0))),
            checkpoints=Checkpoints(checkpoints) if isinstance(checkpoints, str | Path) else checkpoints,
            adversarial=None if adversarial is None else choose(Attack, adversarial),
        )
        begin(loop, resume)
        return loop()

    def train_on_batch(self, x: Any, y: Any, *, rate: float | None = None) -> Scores:
        """One step on arrays of examples and targets, as `fit` takes them; loss and metrics before the update.

        For loops of your own, such as two nets that learn in turn. `rate` is the learning rate if not the
        optimizer's. Raises CnnError as `fit` does.
        """
        meter = single(self, self.task.feed(x, y), rate)
        return Scores(meter.scores(), meter.examples, meter.details(), self.class_names)

    def find_rate(
        self, x: Any, y: Any = None, *, low: float = 1e-6, high: float = 10.0, steps: int = 100, batch_size: int = 32
    ) -> RateSearch:
        """The losses of `steps` steps at rates that grow from `low` to `high`, on a copy: the model stays as it is.

        The result prints a rate to begin with, and draws itself: `.save("rates.svg")`. It ends early where the loss
        runs away. Raises CnnError as `fit` does.
        """
        from cnndsl.train.rate_search import search

        return search(self, self.task.feed(x, y), low, high, steps, batch_size)

    def evaluate(self, x: Any, y: Any = None, *, batch_size: int = 256) -> Scores:
        """Loss and metrics by name, in inference mode, of arrays or of data (its test part, if it has one).

        Raises CnnError as `fit` does.
        """
        batch_size = whole("evaluate", "batch_size", batch_size, 1)
        meter = evaluate(self, self.task.feed(x, y, part="test"), batch_size)
        return Scores(meter.scores(), meter.examples, meter.details(), self.class_names)

    def predict(self, x: Any, *, batch_size: int = 256) -> Array | dict[str, Array]:
        """The output for every example, (N, *output shape), float32; a dict by name if there are several.

        `x` is arrays, or data as `evaluate` takes it, whose targets do not matter.
        Raises CnnError for examples that do not fit (E501 to E506, E510).
        """
        batch_size = whole("predict", "batch_size", batch_size, 1)
        with closing(self.task.input_feed(x).batches(batch_size)) as batches:
            parts = [self.engine.predict(batch.inputs) for batch in batches]
        outputs = {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in self.program.outputs}
        return outputs if len(outputs) > 1 else next(iter(outputs.values()))

    def memory_plan(self, *, batch: int = 32) -> MemoryPlan | MemoryUsed:
        """What the engine allocates for a batch, at inference and in a training step: exact bytes, before it runs.

        An engine that plans nothing but counts (MLX) runs a batch of zeros on a copy of its state, and tells the peaks.
        Raises CnnError for a batch that is no whole number from 1 (E523) and a backend that does neither (E621).
        """
        from cnndsl.analysis.planning import MemoryPlan
        from cnndsl.analysis.used import MemoryUsed

        batch = whole("memory_plan", "batch", batch, 1)
        if isinstance(self.engine, CountingEngine):
            peaks = [self.engine.peak(batch, training=training) for training in (False, True)]
            precision = self.running.precision
            return MemoryUsed(self.net.name, self.backend.name, precision, self.optimizer.kind, batch, *peaks)
        if not isinstance(self.engine, PlanningEngine):
            from cnndsl.backends import planning

            raise NoMemoryPlan(NOWHERE, self.backend.name, planning()).error()
        found = [self.engine.planned(batch, training=training) for training in (False, True)]
        return MemoryPlan(self.net.name, self.backend.name, "float32", self.optimizer.kind, *found)

    @property
    def metadata(self) -> Metadata:
        """What is saved beside the weights."""
        return Metadata(
            self.net.name,
            self.net.source.text,
            self.net.source.name,
            dict(self.net.settings),
            dict(self.task.inputs),
            {goal.output: goal.loss.spec for goal in self.task.goals.values()},
            self.class_names,
            self.normalization,
            engine=self.engine.plan_record() if isinstance(self.engine, PlanningEngine) else {},
            imports=dict(self.net.imports),
        )

    def save(self, path: str | Path) -> None:
        """Writes the weights as a safetensors file that holds the source too. Raises CnnError (E543)."""
        weights.save(path, self.engine.arrays(), self.metadata)

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(prod(parameter.shape) for parameter in self.program.parameters if parameter.trained)

    def summary(self) -> None:
        """Prints the net's table of layers, and below it how it is trained and where it runs."""
        self.net.summary()
        sys.stdout.write(f"{self!r}\n")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The net's diagram and table for Jupyter, headed by how it is trained and where it runs."""
        from cnndsl.pictured import svg
        from cnndsl.render.notebook import net

        return {"text/plain": repr(self), "text/html": net(self.net.graph, svg(self.net.graph), repr(self))}

    def __repr__(self) -> str:
        losses = ", ".join(dict.fromkeys(goal.loss.kind for goal in self.task.goals.values()))
        return (
            f"Model({self.net.name}: {self.parameters:,} trained parameters, {losses}, {self.optimizer!r}, "
            f"{self.backend.name} on {self.backend.device()})"
        )
