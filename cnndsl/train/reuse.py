"""Reuse: what a Model does with weights that it has: taken from files, frozen, averaged, looked into, attacked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.normalization import Normalization
from cnndsl.engine import Backend, Engine, Running
from cnndsl.program import Program
from cnndsl.train import weights
from cnndsl.train.attacks import Attack, attacked
from cnndsl.train.choices import choose, whole
from cnndsl.train.metadata import Metadata
from cnndsl.train.optimizers import Rule
from cnndsl.train.running import build
from cnndsl.train.selection import select
from cnndsl.train.task import Task, lowered
from cnndsl.train.transfer import Fitting, cut, frozen, refit
from cnndsl.train.update import EMA, Update
from cnndsl.train.weights import Loaded

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.net import Net


class Reuse:
    """The part of `Model` that is about weights that are there."""

    net: Net
    program: Program
    backend: Backend
    optimizer: Rule | Update
    task: Task
    seed: int
    running: Running
    engine: Engine
    class_names: tuple[str, ...]
    normalization: Normalization

    @property
    def metadata(self) -> Metadata:
        """What is saved beside the weights."""
        raise NotImplementedError

    def load(self, given: str | Path | Reuse, *, into: str = "", strict: bool = True) -> Loaded:
        """Takes weights over, all or none; with `strict=False` those that fit, and tells which.

        They are those of a file, or those that another model has now. `into` is the label or block of this net that
        they are for, `into="backbone"`: their `conv1.weight` becomes `backbone.conv1.weight`.
        Raises CnnError (E541, E542, E534): E542 also if nothing fits.
        """
        made: Metadata | None
        if isinstance(given, Reuse):
            name, place = given.net.name, weights.THE_MODEL
            arrays, made = given.engine.arrays(), given.metadata
        else:
            name, place = str(given), weights.THE_FILE
            arrays, made = weights.load(given)
        if into:
            select(self.net.graph, into)
        fitting = Fitting(self.program.parameters, arrays, into, place)
        if strict or not fitting.arrays:
            weights.check(name, self.net.name, fitting.parameters, arrays, made, place)
        self.engine.load(fitting.arrays)
        notes: tuple[str, ...] = ()
        if made is None:
            notes = ("another program wrote the file; names and shapes fit",)
        elif not into:
            self.class_names = made.class_names or self.class_names
            self.normalization = made.normalization
            changed = place == weights.THE_FILE and made.source_sha256 != self.metadata.source_sha256
            note = f"the file was saved from another text of `{made.net}` ({made.source_name}); names and shapes fit"
            notes = (note,) * (changed and strict)
        told = fitting.missing, fitting.mismatched, fitting.unused
        return Loaded(name, len(fitting.arrays), made, notes, *told)

    def freeze(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """Leaves layers as they are from now on; gives their paths.

        They run in inference mode (batch norm by its running statistics, no dropout), and have no gradients.
        `names` are a path (`conv1`), a label or block with all in it (`backbone`), a range (`conv1..pool2`, both
        included), or several with commas between them. Raises CnnError (E534) for a name that is none.
        """
        return self._set_frozen(names, True)

    def unfreeze(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """Trains layers that were frozen, by `freeze` or in the source. As `freeze`."""
        return self._set_frozen(names, False)

    def _set_frozen(self, names: str | Iterable[str], state: bool) -> tuple[str, ...]:
        nodes = select(self.net.graph, names)
        graph = frozen(self.net.graph, nodes, state)
        program = lowered(graph, self.task.goals.values())
        snapshot = refit(self.engine.snapshot(), program, self.optimizer)
        self.net, self.program = self.net.replace(graph=graph), program
        self.engine = build(self.backend, program, self.running, optimizer=self.optimizer, seed=self.seed)
        self.engine.restore(snapshot)
        return tuple(node.path for node in nodes)

    def features(self, x: Any, at: str, *, batch_size: int = 256) -> Array:
        """What a layer gives for every example, in inference mode: (N, *its volume), float32.

        `at` is its path, or a label or block, whose last layer is meant. Of frozen layers it is worth
        keeping: a small net trained on it is trained as the last layers of this one. Raises CnnError (E534).
        """
        batch_size = whole("features", "batch_size", batch_size, 1)
        engine = cut(self, at)
        with closing(self.task.input_feed(x).batches(batch_size)) as batches:
            return np.concatenate([np.asarray(engine.predict(batch.inputs)[at]) for batch in batches])

    def attack(
        self, x: Any, y: Any = None, attack: str | Attack = "fgsm", *, batch_size: int = 256
    ) -> Array | dict[str, Array]:
        """The examples, changed so little as the attack allows so that the loss for their targets is larger.

        By the gradients of the net as it predicts (no dropout, running statistics): to be given to `evaluate`.
        A dict by name if there are several inputs. Raises CnnError as `evaluate` does, and E523 for examples
        beyond the attack's limits.
        """
        batch_size = whole("attack", "batch_size", batch_size, 1)
        parts = list(attacked(self, choose(Attack, attack), self.task.feed(x, y), batch_size))
        found = {name: np.concatenate([part[name] for part in parts]) for name in self.program.inputs}
        return found if len(found) > 1 else next(iter(found.values()))

    def averages(self) -> dict[str, Array]:
        """The running means of the parameters (`ema=0.999` in `compile`), by name; empty without any."""
        rule = self.optimizer
        if not isinstance(rule, Update) or rule.ema is None:
            return {}
        snapshot = self.engine.snapshot()
        count = int(snapshot.numbers["step"]) - int(snapshot.numbers.get("skipped", 0))
        if count < rule.accumulate:
            return {}
        kept = {parameter.name: snapshot.arrays.get(f"{EMA}:{parameter.name}") for parameter in self.program.parameters}
        return {name: rule.averaged(array, count) for name, array in kept.items() if array is not None}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within it the parameters are their running means, if there are any: to evaluate, predict and save with."""
        means = self.averages()
        own = {name: array for name, array in self.engine.arrays().items() if name in means} if means else {}
        self.engine.load(means)
        try:
            yield
        finally:
            self.engine.load(own)
