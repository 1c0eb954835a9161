"""The update rules: plain arithmetic on whatever arrays a backend has, so one text serves all.

Constants stay Python numbers, which leave the precision of the arrays as it is; roots of numbers are
`** 0.5` for the same reason. `rate` and `count` may be numbers or arrays of a backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.record import Record
from cnndsl.train.choices import Choice, choices, choose

Slots = tuple[Any, ...]


class Limit(Record):
    """The numbers that a setting may be: `low` to below `high`, `low` itself only if `closed`."""

    low: float = 0.0
    high: float = float("inf")
    closed: bool = False

    def allows(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low < value < self.high or (self.closed and value == self.low)

    def __str__(self) -> str:
        least = f"a number of at least {self.low:g}" if self.closed else f"a number above {self.low:g}"
        return least if self.high == float("inf") else f"{least} and below {self.high:g}"


POSITIVE = Limit()
AT_LEAST_ZERO = Limit(closed=True)
FRACTION = Limit(high=1.0, closed=True)


class Rule(Choice):
    """Base of the optimizers: its fields are its settings. A subclass with a `kind` is found by that name."""

    what: ClassVar[str] = "optimizer"
    #: which numbers each setting may be
    limits: ClassVar[Mapping[str, Limit]] = {"rate": POSITIVE}
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "lr": "rate",
        "learning_rate": "rate",
        "weight_decay": "decay",
        "beta_1": "beta1",
        "beta_2": "beta2",
        "epsilon": "eps",
    }

    rate: float = 0.001

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for setting, limit in self.limits.items():
            value = getattr(self, setting)
            if not limit.allows(value):
                raise BadSetting(NOWHERE, self.kind, setting, value, str(limit), self.defaults[setting] or 0.9).error()

    @property
    def slots(self) -> tuple[str, ...]:
        """The arrays that are kept for each parameter, zeros at first."""
        raise NotImplementedError

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        """The new parameter and the new slots; `count` is the number of this update, from 1."""
        raise NotImplementedError


class SGD(Rule):
    """Stochastic gradient descent, with momentum if it is not 0 (Polyak, 1964; Nesterov, 1983).

    v <- momentum v + g; w <- w - rate v, or with Nesterov w - rate (g + momentum v).
    """

    kind: ClassVar[str] = "sgd"
    limits: ClassVar[Mapping[str, Limit]] = {"rate": POSITIVE, "momentum": FRACTION}

    rate: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        if not isinstance(self.nesterov, bool):
            raise BadSetting(NOWHERE, self.kind, "nesterov", self.nesterov, "True or False", True).error()
        if self.nesterov and not self.momentum:
            raise BadSetting(NOWHERE, self.kind, "momentum", 0.0, "above 0 with nesterov=True", 0.9).error()

    @property
    def slots(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        if not self.momentum:
            return parameter - rate * gradient, ()
        velocity = self.momentum * slots[0] + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - rate * direction, (velocity,)


class Adam(Rule):
    """Adam with its bias corrections (Kingma and Ba, 2015, algorithm 1).

    m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2;
    w <- w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).
    """

    kind: ClassVar[str] = "adam"
    limits: ClassVar[Mapping[str, Limit]] = {"rate": POSITIVE, "beta1": FRACTION, "beta2": FRACTION, "eps": POSITIVE}

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "square")

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        mean = self.beta1 * slots[0] + (1.0 - self.beta1) * gradient
        square = self.beta2 * slots[1] + (1.0 - self.beta2) * (gradient * gradient)
        # Both corrections are numbers: folding them into rate and eps saves two passes over the arrays.
        root = (1.0 - self.beta2**count) ** 0.5
        step = rate * root / (1.0 - self.beta1**count)
        return parameter - step * mean / (xp.sqrt(square) + self.eps * root), (mean, square)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2).

    w <- (1 - rate decay) w before Adam's step, for weights only: biases and the factors and offsets
    of normalizations are left alone.
    """

    kind: ClassVar[str] = "adamw"
    limits: ClassVar[Mapping[str, Limit]] = {**Adam.limits, "decay": AT_LEAST_ZERO}

    decay: float = 0.01

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        kept = parameter - (rate * self.decay) * parameter if decays else parameter
        return super().update(xp, kept, gradient, slots, rate=rate, count=count, decays=decays)


def optimizers() -> dict[str, type[Rule]]:
    """Every optimizer by name, in alphabetical order, a user's own subclasses of `Rule` included."""
    return choices(Rule)


def optimizer(chosen: str | Rule, **settings: Any) -> Rule:
    """An optimizer by name with its settings, or an instance as it is (with some settings changed).

    Raises CnnError for an unknown name (E521) or setting (E522) and for values that cannot work (E523).
    """
    return choose(Rule, chosen, **settings)
