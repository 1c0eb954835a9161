"""Update: what is put around an optimizer's rule, the same arithmetic on every backend.

Gradients are averaged over some steps, clipped, penalties are added, the rule is applied, and a running mean of
the parameters is kept; each of them only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cnndsl.engine import Traits
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.program import Parameter
from cnndsl.record import Record
from cnndsl.train.limits import AT_LEAST_ZERO, FRACTION, POSITIVE, Check, Limit, Optional, Whole, plain
from cnndsl.train.optimizers import Rule, Slots

TOTAL, EMA = "total", "ema"
SMALL = 1e-6  # added to a norm before it is divided by


class Pair(Record):
    """An exponent of at least 1, and an amount."""

    def allows(self, value: Any) -> bool:
        exponent = Limit(1.0, least=True)
        return (
            isinstance(value, tuple)
            and len(value) == 2
            and exponent.allows(value[0])
            and AT_LEAST_ZERO.allows(value[1])
        )

    def __str__(self) -> str:
        return "a pair (p, amount), p at least 1 and the amount at least 0, or None"


class Update(Record):
    """An optimizer's rule with what is around it. It is a rule to an engine.

    `l1`, `l2` and `lp` = (p, amount) add amount / p times the sum of |w|^p over the weights to what is
    minimized (not to the loss that is shown): the gradient of l2 is amount times w, PyTorch's
    `weight_decay`. Biases and normalizations are left alone; a layer's own penalties replace these.
    `clip_value` holds every number of the gradient within -clip_value to clip_value, `clip_norm` the norm of all
    gradients together (R. Pascanu et al., 2013). `accumulate` gradients are averaged into one update.
    `ema` keeps a running mean of the parameters, a <- ema a + (1 - ema) w, divided by 1 - ema^t
    (B. Polyak and A. Juditsky, 1992). `rates` multiplies the rate of layers, by their paths.
    """

    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "l1": (AT_LEAST_ZERO, 1e-5),
        "l2": (AT_LEAST_ZERO, 1e-4),
        "clip_value": (Optional(POSITIVE), 1.0),
        "clip_norm": (Optional(POSITIVE), 1.0),
        "accumulate": (Whole(), 4),
        "ema": (Optional(FRACTION), 0.999),
    }

    rule: Rule
    l1: float = 0.0
    l2: float = 0.0
    lp: tuple[float, float] | None = None
    clip_value: float | None = None
    clip_norm: float | None = None
    accumulate: int = 1
    ema: float | None = None
    rates: tuple[tuple[str, float], ...] = ()

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*map(plain, args), **{name: plain(value) for name, value in settings.items()})
        for setting, (check, example) in self.checks.items():
            if not check.allows(getattr(self, setting)):
                raise BadSetting(NOWHERE, "compile", setting, getattr(self, setting), str(check), example).error()
        if self.lp is not None and not Pair().allows(self.lp):
            raise BadSetting(NOWHERE, "compile", "lp", self.lp, str(Pair()), (1.5, 1e-4)).error()

    def __repr__(self) -> str:
        around = ((name, getattr(self, name)) for name in self.fields[1:])
        told = [f"{name}={value!r}" for name, value in around if value != self.defaults[name]]
        return ", ".join([repr(self.rule), *told])

    @property
    def kind(self) -> str:
        return self.rule.kind

    @property
    def rate(self) -> float:
        return self.rule.rate

    @property
    def slots(self) -> tuple[str, ...]:
        total = (TOTAL,) if self.accumulate > 1 else ()
        return (*self.rule.slots, *total, *((EMA,) if self.ema is not None else ()))

    @property
    def limits_norm(self) -> bool:
        return self.clip_norm is not None

    @property
    def penalties(self) -> tuple[tuple[float, float], ...]:
        """Each (p, amount) that is not 0."""
        pairs = ((1.0, self.l1), (2.0, self.l2), self.lp or (1.0, 0.0))
        return tuple((p, amount) for p, amount in pairs if amount)

    def traits(self, parameter: Parameter) -> Traits:
        decays = parameter.role == "weight"
        own = self.penalties if parameter.penalties is None else parameter.penalties
        rate = dict(self.rates).get(parameter.name.rpartition(".")[0], 1.0)
        return Traits(decays, rate, own if decays else ())

    def gathered(self, gradient: Any, slots: Slots) -> Any:
        return slots[len(self.rule.slots)] + gradient if self.accumulate > 1 else gradient

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
        own = slots[: len(self.rule.slots)]
        mean = slots[-1:] if self.ema is not None else ()
        if self.accumulate == 1:
            value, news, means = self._updated(xp, parameter, gradient, own, mean, rate, count, traits, norm)
            return value, (*news, *means)
        total, due = self.gathered(gradient, slots), count % self.accumulate == 0
        if due is False:
            return parameter, (*own, total, *mean)
        done, part = count // self.accumulate, None if norm is None else norm / self.accumulate
        value, news, means = self._updated(xp, parameter, total / self.accumulate, own, mean, rate, done, traits, part)
        after, before = (value, *news, xp.zeros_like(total), *means), (parameter, *own, total, *mean)
        if due is not True:  # a count on a device: both are computed, and one is taken
            after = tuple(xp.where(due, new, old) for new, old in zip(after, before, strict=True))
        return after[0], after[1:]

    def _updated(
        self,
        xp: Any,
        parameter: Any,
        gradient: Any,
        own: Slots,
        mean: Slots,
        rate: Any,
        count: Any,
        traits: Traits,
        norm: Any,
    ) -> tuple[Any, Slots, Slots]:
        """The new parameter, the rule's new slots and the new mean."""
        if self.clip_norm is not None:
            share = self.clip_norm / (norm + SMALL)
            gradient = gradient * (min(share, 1.0) if isinstance(share, float) else xp.minimum(share, 1.0))
        if self.clip_value is not None:
            gradient = xp.maximum(xp.minimum(gradient, self.clip_value), -self.clip_value)
        value, news = self.rule.apply(xp, parameter, gradient, own, rate=rate, count=count, traits=traits)
        means = tuple(self.ema * kept + (1.0 - self.ema) * value for kept in mean) if self.ema is not None else ()
        return value, news, means

    def averaged(self, kept: Any, count: int) -> Any:
        """The running mean of a parameter after so many steps, by what is kept of it."""
        assert self.ema is not None, "asked for"
        return kept / (1.0 - self.ema ** (count // self.accumulate))
