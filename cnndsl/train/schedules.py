"""How the learning rate changes while a net trains."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, floor, isfinite, pi
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.record import Record
from cnndsl.train.choices import Choice, choose
from cnndsl.train.limits import AT_LEAST_ZERO, FRACTION, POSITIVE, Each, Whole

Memory = dict[str, Any]


class Moment(Record):
    """When a step begins: the part of the run that is done, from 0 to 1, and the epochs that are, of how many.

    `memory` is what the schedule has kept of the epochs that are done.
    """

    progress: float
    epoch: float
    epochs: int
    memory: Mapping[str, Any] = {}


class Schedule(Choice):
    """Base of the schedules. They keep nothing themselves: what one remembers is handed to it, and can be saved."""

    what: ClassVar[str] = "schedule"
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "step_size": "every",
        "gamma": "drop",
        "factor": "drop",
        "decay_rate": "drop",
        "milestones": "at",
        "boundaries": "at",
        "pct_start": "warmup",
        "monitor": "measure",
        "min_delta": "threshold",
        "warmup_epochs": "epochs",
        "after_scheduler": "then",
    }

    def begin(self) -> Memory:
        """What it remembers before the first epoch, for JSON."""
        return {}

    def factor(self, at: Moment) -> float:
        """What the optimizer's rate is multiplied by."""
        raise NotImplementedError

    def observe(self, memory: Mapping[str, Any], scores: Mapping[str, float]) -> Memory:
        """What it remembers after an epoch with these scores."""
        return dict(memory)


class Constant(Schedule):
    """The optimizer's rate from the first step to the last."""

    kind: ClassVar[str] = "constant"
    known_as: ClassVar[tuple[str, ...]] = ("none", "fixed", "ConstantLR")

    def factor(self, at: Moment) -> float:
        return 1.0


class Step(Schedule):
    """The rate times `drop` after every `every` epochs, or after those in `at`."""

    kind: ClassVar[str] = "step"
    known_as: ClassVar[tuple[str, ...]] = (
        "StepLR",
        "step_lr",
        "MultiStepLR",
        "multistep",
        "step_decay",
        "PiecewiseConstantDecay",
        "ExponentialLR",
        "ExponentialDecay",
    )
    checks: ClassVar[dict[str, Any]] = {
        "every": (Whole(), 30),
        "drop": (POSITIVE, 0.1),
        "at": (Each(POSITIVE), (30, 60, 80)),
    }

    every: int = 30
    drop: float = 0.1
    at: tuple[float, ...] = ()

    def factor(self, at: Moment) -> float:
        drops = sum(at.epoch >= epoch for epoch in self.at) if self.at else floor(at.epoch / self.every)
        return float(self.drop**drops)


class Cosine(Schedule):
    """From the optimizer's rate down to `end` times it along half a cosine (I. Loshchilov and F. Hutter, 2017)."""

    kind: ClassVar[str] = "cosine"
    known_as: ClassVar[tuple[str, ...]] = ("cosine_annealing", "cosine_decay", "CosineAnnealingLR", "CosineDecay")
    checks: ClassVar[dict[str, Any]] = {"end": (FRACTION, 0.01)}

    end: float = 0.0

    def factor(self, at: Moment) -> float:
        return swung(1.0, self.end, at.progress)


class OneCycle(Schedule):
    """Up from `start` to the optimizer's rate over the part `warmup` of the run, then down to `end`, along cosines.

    L. Smith and N. Topin, Super-convergence, 2019. `start` and `end` are parts of the rate; the momentum stays.
    """

    kind: ClassVar[str] = "one_cycle"
    known_as: ClassVar[tuple[str, ...]] = ("OneCycleLR", "onecycle", "1cycle", "super_convergence")
    checks: ClassVar[dict[str, Any]] = {
        "warmup": (FRACTION, 0.3),
        "start": (FRACTION, 0.04),
        "end": (FRACTION, 4e-6),
    }

    warmup: float = 0.3
    start: float = 0.04
    end: float = 4e-6

    def factor(self, at: Moment) -> float:
        if at.progress < self.warmup:
            return swung(self.start, 1.0, at.progress / self.warmup)
        return swung(1.0, self.end, (at.progress - self.warmup) / (1 - self.warmup))


class Warmup(Schedule):
    """Up in a straight line from `start` times the rate over the first `epochs`, and after them as `then` says.

    P. Goyal et al., Accurate, large minibatch SGD, 2017. `then` is any schedule: its run begins where
    the warm-up ends.
    """

    kind: ClassVar[str] = "warmup"
    known_as: ClassVar[tuple[str, ...]] = ("warm_up", "linear_warmup", "LinearLR", "GradualWarmupScheduler")
    checks: ClassVar[dict[str, Any]] = {"epochs": (POSITIVE, 1), "start": (FRACTION, 0.01)}

    epochs: float = 1.0
    then: Schedule = Constant()
    start: float = 0.01

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.__dict__["then"] = choose(Schedule, self.then)

    def begin(self) -> Memory:
        return self.then.begin()

    def factor(self, at: Moment) -> float:
        passed, left = at.epoch - self.epochs, at.epochs - self.epochs
        progress = min(max(passed / left, 0.0), 1.0) if left > 0 else 0.0
        after = self.then.factor(at.replace(progress=progress, epoch=max(passed, 0.0), epochs=max(left, 0)))
        return after if passed >= 0 else after * (self.start + (1 - self.start) * at.epoch / self.epochs)

    def observe(self, memory: Mapping[str, Any], scores: Mapping[str, float]) -> Memory:
        return self.then.observe(memory, scores)


class Plateau(Schedule):
    """The rate times `drop` whenever a measure has not become better for more than `patience` epochs.

    The measure is the validation's loss, else the training's, unless another is named; of a loss less
    is better, of others more. Better means by more than `threshold` times the best so far.
    """

    kind: ClassVar[str] = "plateau"
    known_as: ClassVar[tuple[str, ...]] = ("ReduceLROnPlateau", "reduce_lr_on_plateau", "reduce_on_plateau")
    checks: ClassVar[dict[str, Any]] = {
        "drop": (FRACTION, 0.1),
        "patience": (Whole(0), 10),
        "threshold": (AT_LEAST_ZERO, 1e-4),
        "least": (FRACTION, 0.001),
    }

    drop: float = 0.1
    patience: int = 10
    measure: str = ""
    threshold: float = 1e-4
    least: float = 0.0

    def begin(self) -> Memory:
        return {"best": None, "waited": 0, "factor": 1.0}

    def factor(self, at: Moment) -> float:
        return float(at.memory["factor"])

    def observe(self, memory: Mapping[str, Any], scores: Mapping[str, float]) -> Memory:
        name = self.measure or ("val_loss" if "val_loss" in scores else "loss")
        if name not in scores:
            wanted = f"a measure of this run: {', '.join(scores)}"
            raise BadSetting(NOWHERE, self.kind, "measure", name, wanted, next(iter(scores))).error()
        value = scores[name] if name.endswith("loss") else -scores[name]
        best = memory["best"]
        if isfinite(value) and (best is None or value < best - self.threshold * abs(best)):
            return {**memory, "best": value, "waited": 0}
        if memory["waited"] < self.patience:
            return {**memory, "waited": memory["waited"] + 1}
        return {**memory, "waited": 0, "factor": max(memory["factor"] * self.drop, self.least)}


def swung(first: float, last: float, part: float) -> float:
    """From the first to the last number along half a cosine."""
    return last + (first - last) * 0.5 * (1.0 + cos(pi * part))


class Pace:
    """A schedule as a run goes."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.memory = schedule.begin()

    def factor(self, progress: float, epoch: float, epochs: int) -> float:
        """What the rate is multiplied by at a step, so far into the run; `epoch` are those done, with their parts."""
        return self.schedule.factor(Moment(progress, epoch, epochs, self.memory))

    def observe(self, scores: Mapping[str, float]) -> None:
        """After an epoch and its validation."""
        self.memory = self.schedule.observe(self.memory, scores)

    def state(self) -> Memory:
        """What it remembers, for JSON."""
        return dict(self.memory)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.memory = dict(state)
