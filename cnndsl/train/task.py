"""A Task: what goes into a net and what is asked of its outputs, so what data must look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnndsl.data.arrays import by_name, check_inputs, check_lengths, noting, raise_all
from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.data import MissingTargets, NamesDiffer
from cnndsl.errors.training import MetricDoesNotFit
from cnndsl.record import Record
from cnndsl.train.choices import choose
from cnndsl.train.feed import Feed
from cnndsl.train.losses import Loss
from cnndsl.train.metrics import Metric

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Shape = tuple[int, ...]


class Goal(Record):
    """One trained output: its shape, its loss, and what is measured of it."""

    output: str
    shape: Shape
    loss: Loss
    metrics: tuple[Metric, ...]


class Task(Record):
    """The shapes of the inputs, the goal of each target, and where the inputs were declared."""

    inputs: Mapping[str, Shape]
    goals: Mapping[str, Goal]
    places: Mapping[str, Site] = {}

    def check_inputs(self, x: Any, name: str = "x") -> dict[str, Array]:
        """The examples for every input. Raises CnnError (E501 to E506, E510)."""
        return check_inputs(x, self.inputs, self.places, name)

    def spoken(self, name: str) -> str:
        """What messages call the array of an input: `x`, or `x["left"]`."""
        return "x" if len(self.inputs) == 1 else f'x["{name}"]'

    def feed(self, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> Feed:
        """Examples with their targets, all checked; `names` is how messages speak of them.

        Raises CnnError (E501 to E511).
        """
        if y is None:
            problem = f"`{names[1]}` is missing: there is nothing to compare the outputs with"
            raise MissingTargets(NOWHERE, problem, "give the targets behind the examples: (x, y)").error()
        found: list[Diagnostic] = []
        inputs: dict[str, Array] = {}
        with noting(found):
            inputs = self.check_inputs(x, names[0])
        named = by_name(names[1], y, tuple(self.goals))
        targets: dict[str, Array] = {}
        for target, goal in self.goals.items():
            with noting(found):
                targets[target] = goal.loss.check_target(*named[target], goal.shape)
        raise_all(found)
        spoken = {named[target][0]: array for target, array in targets.items()}
        check_lengths({names[0]: next(iter(inputs.values())), **spoken})
        return Feed(inputs, targets, {target: goal.loss.dtype for target, goal in self.goals.items()})

    def validation(self, data: Any) -> Feed | None:
        """A pair (x, y) to validate on, checked like the training data."""
        if data is None:
            return None
        if not isinstance(data, tuple | list) or len(data) != 2:
            shown = f"has {len(data)} items" if isinstance(data, tuple | list) else f"is a {type(data).__name__}"
            problem = f"`validation_data` {shown}, it must be a pair of examples and targets"
            raise MissingTargets(NOWHERE, problem, "give validation_data=(x, y)").error()
        return self.feed(data[0], data[1], ("validation_data[0]", "validation_data[1]"))


def choose_losses(loss: Any, outputs: Mapping[str, Shape], places: Mapping[str, Site]) -> dict[str, Loss]:
    """The loss of each output: one name for all, or a mapping from outputs (not all need be trained).

    Raises CnnError for an unknown loss (E521), an unknown output (E510) and a misfit (E524).
    """
    if not isinstance(loss, Mapping):
        loss = dict.fromkeys(outputs, loss)
    for name in loss:
        if name not in outputs:
            problem = f"`loss` names the output `{name}`, which the net does not have"
            raise NamesDiffer(NOWHERE, problem, "loss", tuple(outputs)).error()
    chosen = {name: choose(Loss, given) for name, given in loss.items()}
    for name, item in chosen.items():
        item.check_output(name, outputs[name], places.get(name, NOWHERE))
    return chosen


def choose_metrics(metrics: Iterable[Any] | str | None, loss: Loss, output: str, shape: Shape) -> tuple[Metric, ...]:
    """The metrics of an output: those asked for, or those that go with its loss.

    Raises CnnError for an unknown metric (E521) and for one that means nothing there (E525).
    """
    asked = loss.metrics if metrics is None else (metrics,) if isinstance(metrics, str) else tuple(metrics)
    chosen = tuple(choose(Metric, name) for name in asked)
    for metric in chosen:
        if not metric.fits(loss, shape):
            raise MetricDoesNotFit(NOWHERE, metric.kind, loss.kind, output).error()
    return chosen
