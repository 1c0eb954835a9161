"""The update rules: plain arithmetic on whatever arrays a backend has, so one text serves all.

Constants stay Python numbers, which leave the precision of the arrays as it is; roots of numbers are
`** 0.5` for the same reason. `rate` and `count` may be numbers or arrays of a backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cnndsl.engine import Traits
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.program import Parameter
from cnndsl.train.choices import Choice, choices, choose
from cnndsl.train.limits import AT_LEAST_ZERO, FRACTION, POSITIVE, Check, Flag

Slots = tuple[Any, ...]


class Rule(Choice):
    """Base of the optimizers: its fields are its settings. A subclass with a `kind` is found by that name."""

    what: ClassVar[str] = "optimizer"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"rate": (POSITIVE, 0.001)}
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "lr": "rate",
        "learning_rate": "rate",
        "weight_decay": "decay",
        "beta_1": "beta1",
        "beta_2": "beta2",
        "epsilon": "eps",
        "alpha": "rho",
    }

    rate: float = 0.001

    @property
    def slots(self) -> tuple[str, ...]:
        """The arrays that are kept for each parameter, zeros at first."""
        raise NotImplementedError

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        """The new parameter and the new slots; `count` is the number of this update, from 1."""
        raise NotImplementedError

    # ---- what an engine asks of it; see `cnndsl.train.update` for what can be put around it ------------

    @property
    def limits_norm(self) -> bool:
        return False

    def traits(self, parameter: Parameter) -> Traits:
        return Traits(parameter.role == "weight", penalties=parameter.penalties or ())

    def gathered(self, gradient: Any, slots: Slots) -> Any:
        return gradient

    def apply(
        self,
        xp: Any,
        parameter: Any,
        gradient: Any,
        slots: Slots,
        *,
        rate: Any,
        count: Any,
        traits: Traits,
        norm: Any = None,
    ) -> tuple[Any, Slots]:
        for p, amount in traits.penalties:
            gradient = gradient + amount * slope(xp, parameter, p)
        rate = rate if traits.rate == 1.0 else rate * traits.rate
        return self.update(xp, parameter, gradient, slots, rate=rate, count=count, decays=traits.decays)


def slope(xp: Any, w: Any, p: float) -> Any:
    """The derivative of |w|^p / p: the sign of w for p = 1, w itself for p = 2."""
    return w if p == 2 else xp.sign(w) if p == 1 else xp.sign(w) * xp.abs(w) ** (p - 1)


class SGD(Rule):
    """Stochastic gradient descent, with momentum if it is not 0 (Polyak, 1964; Nesterov, 1983).

    v <- momentum v + g; w <- w - rate v, or with Nesterov w - rate (g + momentum v).
    """

    kind: ClassVar[str] = "sgd"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "rate": (POSITIVE, 0.01),
        "momentum": (FRACTION, 0.9),
        "nesterov": (Flag(), True),
    }

    rate: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
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
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "rate": (POSITIVE, 0.001),
        "beta1": (FRACTION, 0.9),
        "beta2": (FRACTION, 0.999),
        "eps": (POSITIVE, 1e-8),
    }

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
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {**Adam.checks, "decay": (AT_LEAST_ZERO, 0.01)}

    decay: float = 0.01

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        kept = parameter - (rate * self.decay) * parameter if decays else parameter
        return super().update(xp, kept, gradient, slots, rate=rate, count=count, decays=decays)


class RMSprop(Rule):
    """RMSprop (T. Hinton, N. Srivastava and K. Swersky, lecture 6e, 2012), with momentum if it is not 0.

    v <- rho v + (1 - rho) g^2; d = g / (sqrt(v) + eps); b <- momentum b + d; w <- w - rate b.
    """

    kind: ClassVar[str] = "rmsprop"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "rate": (POSITIVE, 0.001),
        "rho": (FRACTION, 0.9),
        "momentum": (FRACTION, 0.9),
        "eps": (POSITIVE, 1e-8),
    }

    rate: float = 0.001
    rho: float = 0.9
    momentum: float = 0.0
    eps: float = 1e-8

    @property
    def slots(self) -> tuple[str, ...]:
        return ("square", "velocity") if self.momentum else ("square",)

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        square = self.rho * slots[0] + (1.0 - self.rho) * (gradient * gradient)
        step = gradient / (xp.sqrt(square) + self.eps)
        if not self.momentum:
            return parameter - rate * step, (square,)
        velocity = self.momentum * slots[1] + step
        return parameter - rate * velocity, (square, velocity)


class Adagrad(Rule):
    """Adagrad, with a rate of its own for every number (J. Duchi, E. Hazan and Y. Singer, 2011).

    v <- v + g^2; w <- w - rate g / (sqrt(v) + eps).
    """

    kind: ClassVar[str] = "adagrad"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"rate": (POSITIVE, 0.01), "eps": (POSITIVE, 1e-10)}

    rate: float = 0.01
    eps: float = 1e-10

    @property
    def slots(self) -> tuple[str, ...]:
        return ("square",)

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        square = slots[0] + gradient * gradient
        return parameter - rate * gradient / (xp.sqrt(square) + self.eps), (square,)


class Lion(Rule):
    """Lion: steps of the same size for every number (X. Chen et al., Symbolic discovery …, 2023, program 1).

    c = b1 m + (1 - b1) g; w <- w - rate (sign(c) + decay w); m <- b2 m + (1 - b2) g. The decay is for
    weights only. A good rate is 3 to 10 times smaller than Adam's, the decay as much larger.
    """

    kind: ClassVar[str] = "lion"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "rate": (POSITIVE, 0.0001),
        "beta1": (FRACTION, 0.9),
        "beta2": (FRACTION, 0.99),
        "decay": (AT_LEAST_ZERO, 0.1),
    }

    rate: float = 0.0001
    beta1: float = 0.9
    beta2: float = 0.99
    decay: float = 0.0

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean",)

    def update(
        self, xp: Any, parameter: Any, gradient: Any, slots: Slots, *, rate: Any, count: Any, decays: bool
    ) -> tuple[Any, Slots]:
        step = xp.sign(self.beta1 * slots[0] + (1.0 - self.beta1) * gradient)
        if decays and self.decay:
            step = step + self.decay * parameter
        return parameter - rate * step, (self.beta2 * slots[0] + (1.0 - self.beta2) * gradient,)


def optimizers() -> dict[str, type[Rule]]:
    """Every optimizer by name, in alphabetical order, a user's own subclasses of `Rule` included."""
    return choices(Rule)


def optimizer(chosen: str | Rule, **settings: Any) -> Rule:
    """An optimizer by name with its settings, or an instance as it is (with some settings changed).

    Raises CnnError for an unknown name (E521) or setting (E522) and for values that cannot work (E523).
    """
    return choose(Rule, chosen, **settings)
