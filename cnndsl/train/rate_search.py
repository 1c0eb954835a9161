"""The learning-rate finder: one pass with a rate that grows from step to step, and what the loss does meanwhile.

L. Smith, Cyclical learning rates for training neural networks, 2017, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from math import isfinite, log10
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.chart import Line, Panel, draw, form_of
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.record import Record
from cnndsl.train.callbacks.logs import written
from cnndsl.train.choices import whole
from cnndsl.train.feed import Batch, Feed, Visit
from cnndsl.train.limits import POSITIVE
from cnndsl.train.running import build

if TYPE_CHECKING:
    from cnndsl.train.model import Model

#: how much of the mean of the losses stays at each step; when the mean is that many times its least, it is over
SMOOTH, OVER = 0.9, 4.0
FIRST = 10  # steps that are taken in any case


class RateSearch(Record):
    """The losses at growing rates, as they were and smoothed; `save` draws them, `suggestion` is one to begin with."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def smoothed(self) -> tuple[float, ...]:
        """The running mean of the losses, divided by the weight that it has so far."""
        found, mean = [], 0.0
        for number, loss in enumerate(self.losses, 1):
            mean = SMOOTH * mean + (1 - SMOOTH) * loss
            found.append(mean / (1 - SMOOTH**number))
        return tuple(found)

    @property
    def suggestion(self) -> float:
        """The rate where the smoothed loss falls fastest, over the logarithm of the rate."""
        smoothed = self.smoothed
        if len(smoothed) < 3:
            return self.rates[0]
        return self.rates[int(np.argmin(np.gradient(smoothed, np.log(self.rates))))]

    def save(self, path: str | Path) -> None:
        """Draws the losses over the rates, SVG or PNG by the suffix. Raises CnnError (E650, E517, E058)."""
        path = Path(path)
        form = form_of(path)
        across = [log10(rate) for rate in self.rates]
        lines = (
            Line("loss", tuple(zip(across, self.losses, strict=True)), dashed=True),
            Line("smoothed", tuple(zip(across, self.smoothed, strict=True))),
        )
        title = f"loss (falls fastest at a rate of {self.suggestion:.2g})"
        written(path, draw((Panel(title, "log10 of the rate", lines),), form))

    def __repr__(self) -> str:
        best = int(np.argmin(self.smoothed))
        return (
            f"RateSearch: {len(self.rates)} steps from {self.rates[0]:.1e} to {self.rates[-1]:.1e}; the loss falls "
            f"fastest at {self.suggestion:.1e} and is least at {self.rates[best]:.1e}"
        )


def search(model: Model, feed: Feed, low: float, high: float, steps: int, batch_size: int) -> RateSearch:
    """Trains a copy of a model, which stays as it is. Raises CnnError (E523)."""
    steps, batch_size = whole("find_rate", "steps", steps, 3), whole("find_rate", "batch_size", batch_size, 1)
    for setting, value in (("low", low), ("high", high)):
        if not POSITIVE.allows(value) or high <= low:
            wanted = "a number above 0, low below high"
            raise BadSetting(NOWHERE, "find_rate", setting, value, wanted, 1e-6 if setting == "low" else 10.0).error()
    engine = build(model.backend, model.program, model.running, optimizer=model.optimizer, seed=model.seed)
    engine.restore(model.engine.snapshot())
    rates, losses, best = [], [], float("inf")
    for number, batch in zip(range(steps), _endless(model, feed, batch_size)):
        rate = low * (high / low) ** (number / (steps - 1))
        loss = float(engine.step(batch.inputs, batch.targets, rate)[0])
        if not isfinite(loss):
            break
        rates.append(rate)
        losses.append(loss)
        now = RateSearch(tuple(rates), tuple(losses)).smoothed[-1]
        best = min(best, now)
        if number >= FIRST and now > OVER * best:
            break
    if not rates:
        wanted = "a rate at which the first step has a finite loss"
        raise BadSetting(NOWHERE, "find_rate", "low", low, wanted, low / 100).error()
    return RateSearch(tuple(rates), tuple(losses))


def _endless(model: Model, feed: Feed, batch_size: int) -> Iterator[Batch]:
    """The batches of one epoch after the other."""
    for epoch in count():
        with closing(feed.batches(batch_size, Visit(model.seed, epoch, True))) as batches:
            yield from batches
