"""A Task: what goes into a net and what is asked of its outputs, so what data must look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from cnndsl.data import part_of
from cnndsl.data.arrays import by_name, check_inputs, check_lengths, noting, raise_all
from cnndsl.data.augment import augmentations
from cnndsl.data.batches import Batches
from cnndsl.data.examples import Arrays, Examples
from cnndsl.data.pairs import is_pair
from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.augment import AugmentMisfit
from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.data import InputShape, MissingTargets, NamesDiffer, NoExamples
from cnndsl.errors.training import BadSetting, MetricDoesNotFit
from cnndsl.layers.base import ANYTHING, Bounds
from cnndsl.record import Record
from cnndsl.train.choices import choose
from cnndsl.train.feed import Feed
from cnndsl.train.limits import POSITIVE
from cnndsl.train.losses import Loss
from cnndsl.train.metrics import Metric, Reading
from cnndsl.volume import Volume

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.data.augment import Augment
    from cnndsl.data.part import Block
    from cnndsl.graph import Graph
    from cnndsl.program import Program

Shape = tuple[int, ...]
V = TypeVar("V")


class Goal(Record):
    """One trained output: its shape, its loss, and what is measured of it."""

    output: str
    shape: Shape
    loss: Loss
    metrics: tuple[Metric, ...]
    #: what the output's values lie between
    bounds: Bounds = ANYTHING
    #: what its loss is multiplied by
    weight: float = 1.0

    @cached_property
    def reading(self) -> Reading:
        """How the output says a class."""
        return self.loss.reading(self.shape, self.bounds) or Reading(self.shape[-1])


def measures(goals: Mapping[str, Goal]) -> Iterator[tuple[str, str, Goal, Metric]]:
    """Every metric of some goals with its title, the name of its targets and its goal."""
    for name, goal in goals.items():
        for metric in goal.metrics:
            yield metric.title if len(goals) == 1 else f"{goal.output}_{metric.title}", name, goal, metric


def losses(goals: Mapping[str, Goal]) -> Iterator[tuple[str, str, float]]:
    """Where several outputs are trained, each loss: its title, its name among the outputs, its weight."""
    if len(goals) > 1:
        for name, goal in goals.items():
            yield f"{goal.output}_loss", f"loss:{name}", goal.weight


class Counts(Record):
    """What is measured of a batch: a function of the module of the arrays, outputs and targets."""

    goals: Mapping[str, Goal]

    @property
    def anywhere(self) -> bool:
        """Whether all of them count on whatever device the arrays are."""
        return all(metric.anywhere for _, _, _, metric in measures(self.goals))

    def __call__(self, xp: Any, outputs: Mapping[str, Any], targets: Mapping[str, Any]) -> dict[str, Any]:
        """What each metric counts, by title, and where several outputs are trained the losses of the examples."""
        found = {name: outputs[name] for _, name, _ in losses(self.goals)}
        for title, name, goal, metric in measures(self.goals):
            with_module = (xp,) if metric.anywhere else ()
            found[title] = metric.counts(outputs[goal.output], targets[name], goal.reading, *with_module)
        return found


def lowered(graph: Graph, goals: Iterable[Goal]) -> Program:
    """The program of a net that learns these goals."""
    from cnndsl.lower import lower

    goals = tuple(goals)
    losses = {goal.output: goal.loss.objective for goal in goals}
    return lower(graph, losses, {goal.output: goal.weight for goal in goals})


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

    @property
    def types(self) -> dict[str, Any]:
        """The type in which each target is handed out."""
        return {target: goal.loss.dtype for target, goal in self.goals.items()}

    def feed(self, x: Any, y: Any = None, names: tuple[str, str] = ("x", "y"), part: str = "train") -> Feed:
        """Examples with their targets, all checked, or data that holds both, and which of its parts is meant.

        `names` is how messages speak of arrays. Raises CnnError (E501 to E511, E551).
        """
        if y is None and isinstance(x, tuple) and len(x) == 2 and not is_pair(x[0]):
            x, y = x
        if y is not None:
            return Feed(self, Arrays(*self.pair(x, y, names)))
        found = part_of(x, part)
        if found is None:
            problem = f"`{names[1]}` is missing: there is nothing to compare the outputs with"
            raise MissingTargets(NOWHERE, problem, "give the targets behind the examples: (x, y)").error()
        if isinstance(found, Examples):
            self.check_examples(found)
            goal = self.only(found.name, self.goals, "y")[1]
            goal.loss.check_target("data.y", found.y, goal.shape)
        return Feed(self, found)

    def augmentations(self, given: Any) -> tuple[Augment, ...]:
        """What `augment` of `fit` asks for, held against inputs and targets. Raises CnnError (E521 to E523, E556)."""
        chosen = augmentations(given)
        for item in chosen:
            for name, shape in self.inputs.items():
                item.check(name, shape)
            for goal in self.goals.values():
                if item.moves and len(goal.shape) > 1:
                    reason = "it moves pixels, and the targets are one for each position"
                    raise AugmentMisfit(NOWHERE, item.kind, goal.output, goal.shape, reason).error()
        return chosen

    def input_feed(self, x: Any) -> Feed:
        """Examples without targets: arrays, or the inputs of data, of its test part if it has one."""
        found = part_of(x, "test")
        if found is None:
            found = Arrays(self.check_inputs(x), {})
        elif isinstance(found, Examples):
            self.check_examples(found)
        elif isinstance(found, Batches):
            found = Batches(found.source, found.name, inputs_only=True)
        return Feed(self, found, targets=False)

    def pair(self, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> tuple[dict[str, Array], dict[str, Array]]:
        """Examples and their targets by name, all checked. Raises CnnError (E501 to E510)."""
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
        return inputs, targets

    def check_examples(self, part: Examples) -> None:
        """Whether examples fit the only input. Raises CnnError (E501, E503, E504, E506, E510)."""
        name, wanted = self.only(part.name, self.inputs, "x")
        if part.shape != wanted:
            place, shape = self.places.get(name, NOWHERE), (len(part), *part.shape)
            raise InputShape(place, part.name, shape, wanted, part.advice(wanted)).error()
        if not len(part):
            raise NoExamples(NOWHERE, part.name, (0, *part.shape)).error()
        part.check()

    def only(self, data: str, named: Mapping[str, V], argument: str) -> tuple[str, V]:
        """The single input, or the single goal, that data without names can be for. Raises CnnError (E510)."""
        if len(named) > 1:
            what = "inputs" if argument == "x" else "trained outputs"
            problem = f"the net has {len(named)} {what} ({', '.join(named)}), `{data}` holds one array for them"
            raise NamesDiffer(NOWHERE, problem, argument, tuple(named)).error()
        return next(iter(named.items()))

    def named(self, block: Block, targets: bool) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The arrays of a block that is known to fit, by the names of the inputs and the goals."""
        x = block.x if isinstance(block.x, Mapping) else dict.fromkeys(self.inputs, block.x)
        y = block.y if isinstance(block.y, Mapping) else dict.fromkeys(self.goals, block.y)
        return x, y if targets else {}

    def checked(self, block: Block, targets: bool) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The arrays of a block that nobody has seen before. Raises CnnError (E501 to E510)."""
        return self.pair(block.x, block.y) if targets else (self.check_inputs(block.x), {})

    def validation(self, data: Any) -> Feed | None:
        """What to validate on, checked like the training data: a pair (x, y), or data that holds both."""
        if data is None:
            return None
        if isinstance(data, tuple | list) and len(data) == 2 and not is_pair(data[0]):
            return self.feed(data[0], data[1], ("validation_data[0]", "validation_data[1]"))
        if part_of(data, "validation") is None:
            shown = f"has {len(data)} items" if isinstance(data, tuple | list) else f"is a {type(data).__name__}"
            problem = f"`validation_data` {shown}, it must be a pair of examples and targets"
            raise MissingTargets(NOWHERE, problem, "give validation_data=(x, y)").error()
        return self.feed(data, part="validation")


def _check_output(argument: str, name: str, known: Mapping[str, Any], otherwise: str) -> None:
    """Whether an argument by output names one that is known. Raises CnnError (E510)."""
    if name not in known:
        problem = f"`{argument}` names the output `{name}`, {otherwise}"
        raise NamesDiffer(NOWHERE, problem, argument, tuple(known)).error()


def choose_losses(loss: Any, outputs: Mapping[str, Shape], places: Mapping[str, Site]) -> dict[str, Loss]:
    """The loss of each output: one for all, or a mapping from outputs (not all need be trained).

    Raises CnnError for an unknown loss (E521), an unknown output (E510) and a misfit (E524).
    """
    if not isinstance(loss, Mapping) or ("kind" in loss and "kind" not in outputs):
        loss = dict.fromkeys(outputs, loss)
    for name in loss:
        _check_output("loss", name, outputs, "which the net does not have")
    chosen = {name: choose(Loss, given) for name, given in loss.items()}
    for name, item in chosen.items():
        item.check_output(name, outputs[name], places.get(name, NOWHERE))
    return chosen


def check_weights(weights: Mapping[str, float], losses: Mapping[str, Loss]) -> Mapping[str, float]:
    """What losses are multiplied by, by output. Raises CnnError for an output without a loss (E510), for 0 (E523)."""
    for name, weight in weights.items():
        _check_output("loss_weights", name, losses, "which no loss trains")
        if not POSITIVE.allows(weight):
            raise BadSetting(NOWHERE, "the loss", f"loss_weights[{name!r}]", weight, str(POSITIVE), 0.5).error()
    return weights


def choose_metrics(
    metrics: Any, loss: Loss, output: str, shape: Shape, bounds: Bounds = ANYTHING
) -> tuple[Metric, ...]:
    """The metrics of an output: those asked for, or those that go with its loss.

    Raises CnnError for an unknown metric (E521) and for one that means nothing there (E525).
    """
    one = isinstance(metrics, str | Metric | Mapping)
    asked = loss.metrics if metrics is None else (metrics,) if one else tuple(metrics)
    chosen = tuple(choose(Metric, name) for name in asked)
    reading = loss.reading(shape, bounds)
    for metric in chosen:
        if reading is None or not metric.fits(reading):
            raise MetricDoesNotFit(NOWHERE, repr(metric), loss.kind, output, str(Volume(shape))).error()
    return chosen


def metrics_by_output(metrics: Any, losses: Mapping[str, Loss]) -> dict[str, Any]:
    """What is asked to be measured of each trained output: the same of all, or by name (nothing of the others).

    Raises CnnError for an output without a loss (E510).
    """
    if not isinstance(metrics, Mapping) or ("kind" in metrics and "kind" not in losses):
        return dict.fromkeys(losses, metrics)
    for name in metrics:
        _check_output("metrics", name, losses, "which no loss trains")
    return {name: metrics.get(name, ()) for name in losses}
