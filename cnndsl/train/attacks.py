"""Attacks: small changes of the inputs that make the loss larger, to train against and to measure with.

What is computed in between is NumPy's, and random starts come from `cnndsl.random`: the same on every backend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.random import key, uniform
from cnndsl.train.choices import Choice
from cnndsl.train.feed import Batch
from cnndsl.train.limits import POSITIVE, Check, Flag, Limit, Optional, Real, Whole

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.feed import Feed
    from cnndsl.train.reuse import Reuse

Arrays = Mapping[str, Any]
#: gives the loss's gradient with respect to each input
Slopes = Callable[[Arrays], dict[str, "Array"]]


class Attack(Choice):
    """Base of the attacks: no value of an input moves by more than `epsilon`, nor beyond `low` and `high`.

    While training the part `part` of every batch is attacked, so that clean examples are learned as well
    (A. Kurakin, I. Goodfellow and S. Bengio, Adversarial machine learning at scale, 2017).
    """

    what: ClassVar[str] = "attack"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "epsilon": (POSITIVE, 0.3),
        "low": (Optional(Real()), 0.0),
        "high": (Optional(Real()), 1.0),
        "part": (Limit(high=1.0, most=True), 0.5),
    }
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "eps": "epsilon",
        "alpha": "step",
        "eps_iter": "step",
        "nb_iter": "steps",
        "iterations": "steps",
        "clip_min": "low",
        "clip_max": "high",
    }

    epsilon: float = 0.3
    low: float | None = 0.0
    high: float | None = 1.0
    part: float = 0.5

    def moved(self, slopes: Slopes, inputs: Arrays, seed: int, name: str) -> dict[str, Array]:
        """The inputs, changed; `seed` and `name` say which random numbers are taken."""
        raise NotImplementedError

    def attack(self, slopes: Slopes, inputs: Arrays, seed: int = 0, name: str = "attack") -> dict[str, Array]:
        """The inputs, changed so that the loss grows. Raises CnnError (E523) where they are not within the limits."""
        for array in inputs.values():
            self.check(array)
        return self.moved(slopes, inputs, seed, name)

    def check(self, array: Array) -> None:
        """Refuses examples that lie beyond the limits already."""
        for setting, limit, value, beyond in (
            ("low", self.low, float(array.min()), -1),
            ("high", self.high, float(array.max()), 1),
        ):
            if limit is not None and (value - limit) * beyond > 0:
                side = "at most" if beyond < 0 else "at least"
                wanted = f"{side} {value:g}, which the examples reach, or None"
                raise BadSetting(NOWHERE, self.kind, setting, limit, wanted, None).error()

    def held(self, array: Array, around: Array) -> Array:
        """Within epsilon of the clean values, and within the limits."""
        near = np.clip(array, around - np.float32(self.epsilon), around + np.float32(self.epsilon))
        return near if self.low is None and self.high is None else np.clip(near, self.low, self.high)


class FGSM(Attack):
    """The fast gradient sign method: x + epsilon sign(dL/dx) (I. Goodfellow, J. Shlens and C. Szegedy, 2015)."""

    kind: ClassVar[str] = "fgsm"
    known_as: ClassVar[tuple[str, ...]] = ("fast_gradient_sign", "FastGradientMethod", "FGM", "fgm")

    def moved(self, slopes: Slopes, inputs: Arrays, seed: int, name: str) -> dict[str, Array]:
        found, epsilon = slopes(inputs), np.float32(self.epsilon)
        return {key: self.held(array + epsilon * np.sign(found[key]), array) for key, array in inputs.items()}


class PGD(Attack):
    """Projected gradient descent: `steps` steps of `step` along the sign, from a random start within epsilon.

    A. Madry et al., Towards deep learning models resistant to adversarial attacks, 2018. Without a `step` it is
    2.5 epsilon / steps, as there.
    """

    kind: ClassVar[str] = "pgd"
    known_as: ClassVar[tuple[str, ...]] = ("projected_gradient_descent", "ProjectedGradientDescent", "bim", "ifgsm")
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        **Attack.checks,
        "steps": (Whole(), 10),
        "step": (Optional(POSITIVE), 0.01),
        "random_start": (Flag(), True),
    }

    steps: int = 10
    step: float | None = None
    random_start: bool = True

    def moved(self, slopes: Slopes, inputs: Arrays, seed: int, name: str) -> dict[str, Array]:
        step = np.float32(2.5 * self.epsilon / self.steps if self.step is None else self.step)
        now = {each: self._start(array, seed, f"{name} {each}") for each, array in inputs.items()}
        for _ in range(self.steps):
            found = slopes(now)
            now = {each: self.held(now[each] + step * np.sign(found[each]), inputs[each]) for each in now}
        return now

    def _start(self, array: Array, seed: int, name: str) -> Array:
        if not self.random_start:
            return array
        spread = (2 * uniform(key(seed, name), array.size).reshape(array.shape) - 1) * np.float32(self.epsilon)
        return self.held(array + spread, array)


def trained_on(model: Reuse, attack: Attack, batch: Batch, name: str) -> Batch:
    """A batch whose first examples are attacked, by the gradients of the net as it trains."""
    count = max(1, round(attack.part * max(batch.count, 1)))
    targets = {each: array[:count] for each, array in batch.targets.items()}
    first = {each: array[:count] for each, array in batch.inputs.items()}
    slopes = partial(_slopes, model.engine, targets=targets)
    found = attack.attack(slopes, first, model.seed, name)
    inputs = {each: np.concatenate([found[each], array[count:]]) for each, array in batch.inputs.items()}
    return batch.replace(inputs=inputs)


def attacked(model: Reuse, attack: Attack, feed: Feed, batch_size: int) -> Iterator[dict[str, Array]]:
    """The inputs of each batch, changed by the gradients of the net as it predicts."""
    from cnndsl.train.task import lowered
    from cnndsl.train.transfer import frozen, looking

    graph = model.net.graph
    engine = looking(model, lowered(frozen(graph, graph.nodes, True), model.task.goals.values()))
    with closing(feed.batches(batch_size)) as batches:
        for number, batch in enumerate(batches):
            slopes = partial(_slopes, engine, targets=batch.targets)
            yield attack.attack(slopes, batch.inputs, model.seed, f"attack {number}")


def _slopes(engine: Any, inputs: Arrays, targets: Arrays) -> dict[str, Array]:
    found = engine.gradients(inputs, targets)[1]
    return {name: found[f"input:{name}"] for name in inputs}
