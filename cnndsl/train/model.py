"""Model: a net compiled for a backend, ready to be trained, evaluated, used and saved."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data import dataset_of
from cnndsl.data.normalization import Normalization
from cnndsl.engine import Backend, Engine
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.program import Program
from cnndsl.record import Record
from cnndsl.train import weights
from cnndsl.train.callbacks import Callback
from cnndsl.train.choices import choose
from cnndsl.train.history import History, Scores
from cnndsl.train.loop import Loop, evaluate
from cnndsl.train.metadata import Metadata
from cnndsl.train.optimizers import Rule
from cnndsl.train.optimizers import optimizer as choose_optimizer
from cnndsl.train.progress import progress
from cnndsl.train.schedules import Schedule
from cnndsl.train.task import Goal, Task, check_weights, choose_losses, choose_metrics
from cnndsl.train.warned import warn_of_data

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.net import Net


class Loaded(Record):
    """What `model.load` did: how many arrays, what the file says of itself, and what is worth knowing."""

    path: str
    arrays: int
    metadata: Metadata | None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([f"loaded {self.arrays} arrays from {self.path}", *(f"note: {note}" for note in self.notes)])


class Model:
    """A net on a backend. Arrays hold the examples first, channels last; targets are labels or numbers.

    `engine` has the weights, `history` the last training's, `epochs` how many epochs were trained in
    all. `class_names` and `normalization` (how raw pixels became the inputs) are kept with the weights.
    """

    def __init__(
        self,
        net: Net,
        program: Program,
        backend: Backend,
        optimizer: Rule,
        task: Task,
        *,
        seed: int = 0,
        class_names: Iterable[str] = (),
        normalization: Normalization | None = None,
    ) -> None:
        self.net = net
        self.program = program
        self.backend = backend
        self.optimizer = optimizer
        self.task = task
        self.seed = whole("compile", "seed", seed, None)
        self.class_names = tuple(class_names)
        self.normalization = normalization or Normalization()
        self.engine: Engine = backend.build(program, optimizer=optimizer, seed=self.seed)
        self.history = History()
        self.epochs = 0

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        validation_data: Any = None,
        verbose: int = 1,
        callbacks: Iterable[Callback] = (),
        schedule: str | Schedule = "constant",
    ) -> History:
        """Trains on examples and their targets; going on where an earlier `fit` ended.

        `x` is an array (N, *input shape) of decimals, `y` N labels (for `cross_entropy`, `hinge`) or an array
        (N, *output shape) (for the other losses); with several inputs or outputs, dicts of them by name. Or `x`
        alone is data that holds both: what `cnndsl.data.open` gives or takes, so also an iterable of
        pairs; `validation_data` likewise (by default the data's validation part). The
        order of each epoch depends on the seed and the epoch's number only. `schedule` is `constant`
        or `cosine`; `verbose` 0 is silent, 1 shows a bar in a terminal, 2 a line an epoch. Ctrl-C
        returns the history so far, marked as interrupted.

        Raises CnnError for data that does not fit (E501 to E511), a setting that cannot work (E523),
        and a loss that is no longer finite (E526).
        """
        epochs = whole("fit", "epochs", epochs, 0)
        batch_size = whole("fit", "batch_size", batch_size, 1)
        if y is None and (data := dataset_of(x)) is not None:
            x, validation_data = data, data.validation if validation_data is None else validation_data
            self.class_names = self.class_names or data.class_names
            self.normalization = data.normalization
        training = self.task.feed(x, y)
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
        )
        return loop()

    def evaluate(self, x: Any, y: Any = None, *, batch_size: int = 256) -> Scores:
        """Loss and metrics by name, in inference mode, of arrays or of data (its test part, if it has one).

        Raises CnnError as `fit` does.
        """
        batch_size = whole("evaluate", "batch_size", batch_size, 1)
        meter = evaluate(self, self.task.feed(x, y, part="test"), batch_size)
        return Scores(meter.scores(), meter.examples)

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
        )

    def save(self, path: str | Path) -> None:
        """Writes the weights as a safetensors file that holds the source too. Raises CnnError (E543)."""
        weights.save(path, self.engine.arrays(), self.metadata)

    def load(self, path: str | Path) -> Loaded:
        """Takes the weights of a file over, all or none. Raises CnnError (E541, E542)."""
        arrays, made = weights.load(path)
        weights.check(path, self.net.name, self.program.parameters, arrays, made)
        self.engine.load(arrays)
        if made is None:
            return Loaded(str(path), len(arrays), made, ("another program wrote the file; names and shapes fit",))
        self.class_names = made.class_names or self.class_names
        self.normalization = made.normalization
        changed = made.source_sha256 != self.metadata.source_sha256
        note = f"the file was saved from another text of `{made.net}` ({made.source_name}); names and shapes fit"
        return Loaded(str(path), len(arrays), made, (note,) * changed)

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(prod(parameter.shape) for parameter in self.program.parameters if parameter.trained)

    def summary(self) -> None:
        """Prints the net's table of layers, and below it how it is trained and where it runs."""
        self.net.summary()
        sys.stdout.write(f"{self!r}\n")

    def __repr__(self) -> str:
        losses = ", ".join(dict.fromkeys(goal.loss.kind for goal in self.task.goals.values()))
        return (
            f"Model({self.net.name}: {self.parameters:,} trained parameters, {losses}, {self.optimizer!r}, "
            f"{self.backend.name} on {self.backend.device()})"
        )


def compile_model(
    net: Net,
    *,
    backend: str | Backend = "auto",
    optimizer: str | Rule = "adam",
    loss: Any = "cross_entropy",
    loss_weights: Mapping[str, float] | None = None,
    metrics: Iterable[Any] | str | None = None,
    seed: int = 0,
    class_names: Iterable[str] = (),
    normalization: Normalization | None = None,
    **settings: Any,
) -> Model:
    """A Model of a net; further arguments are settings of the optimizer (`rate=0.01`).

    `loss` is a name (or an instance, such as `CrossEntropy(smoothing=0.1)`) for all outputs or a mapping
    from outputs to such; `loss_weights` are what the losses of outputs are multiplied by before they are
    added up, 1 for those not named. `metrics` are those that go with the loss unless others are named.
    Raises CnnError (E510, E521 to E525, E6xx).
    """
    from cnndsl.backends import load
    from cnndsl.lower import lower

    rule = choose_optimizer(optimizer, **settings)
    graph = net.graph
    places = {name: graph.nodes[number].site for name, number in graph.outputs.items()}
    shapes = {name: graph.nodes[number].volume.shape for name, number in graph.outputs.items()}
    losses = choose_losses(loss, shapes, places)
    chosen = {name: choose_metrics(metrics, item, name, shapes[name]) for name, item in losses.items()}
    program = lower(
        graph, {name: item.objective for name, item in losses.items()}, check_weights(loss_weights or {}, losses)
    )
    goals = {name: Goal(name, shapes[name], item, chosen[name]) for name, item in losses.items()}
    inputs = {name: value.shape for name, value in program.inputs.items()}
    task = Task(inputs, goals, {name: graph.nodes[number].site for name, number in graph.inputs.items()})
    runs = load(backend) if isinstance(backend, str) else backend
    return Model(net, program, runs, rule, task, seed=seed, class_names=class_names, normalization=normalization)


def load_model(path: str | Path, *, backend: str | Backend = "auto", **settings: Any) -> Model:
    """The model in a file of weights, which needs no other file: built from the source it holds, ready to predict.

    Further arguments are those of `compile_model`. Raises CnnError (E541, E542, and what `cnndsl.loads` raises).
    """
    from cnndsl.net import loads

    made = weights.read_metadata(path)
    net = loads(made.source, name=made.source_name, net=made.net, set=made.settings, input=made.inputs)
    model = compile_model(net, backend=backend, loss=made.losses, seed=0, **settings)
    model.load(path)
    return model


def whole(owner: str, setting: str, value: Any, least: int | None) -> int:
    """A whole number of at least `least`. Raises CnnError (E523)."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or (least is not None and number < least):
        wanted = "a whole number" + ("" if least is None else f" of at least {least}")
        raise BadSetting(NOWHERE, owner, setting, value, wanted, 32 if setting == "batch_size" else 1).error()
    return number
