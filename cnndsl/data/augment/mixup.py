"""Mixup: every example mixed with another one (H. Zhang et al., mixup: beyond empirical risk minimization, 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.augment.base import Augment, Draws
from cnndsl.train.limits import Check, Limit

if TYPE_CHECKING:
    from cnndsl.data.augment.base import Array, Named


class Mixup(Augment):
    """w * one + (1 - w) * another of the batch.

    Targets that are numbers (also probabilities of classes) are mixed alike, w from Beta(alpha, alpha).
    Labels stay those of the first, with w from Beta(alpha + 1, alpha): as the loss of mixed labels is
    w * loss(first) + (1 - w) * loss(other), and the two may be exchanged, its mean is the same (F. Huszar, 2017).
    """

    kind: ClassVar[str] = "mixup"
    mains: ClassVar[tuple[str, ...]] = ("alpha",)
    moves: ClassVar[bool] = False
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"alpha": (Limit(0.01, 2, least=True, most=True), 0.2)}

    alpha: float = 0.2

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """Any examples can be mixed."""

    def change(self, inputs: Named, targets: Named, draws: Draws) -> tuple[Named, Named]:
        labels = any(y.dtype.kind in "iu" for y in targets.values())
        other = np.argsort(draws.uniform(), kind="stable")
        weights = beta(draws, self.alpha + 1 if labels else self.alpha, self.alpha).astype(np.float32)
        mixed = {name: _mixed(x, other, weights) for name, x in inputs.items()}
        return mixed, targets if labels else {name: _mixed(y, other, weights) for name, y in targets.items()}


def _mixed(x: Array, other: Array, weights: Array) -> Array:
    w = weights.reshape(-1, *(1,) * (x.ndim - 1))
    found: Array = x * w + x[other] * (1 - w)
    return found


def beta(draws: Draws, a: float, b: float) -> Array:
    """A number from Beta(a, b) for each example (M. Johnk, 1964).

    u^(1/a) / (u^(1/a) + v^(1/b)) where the sum is at most 1, else another u and v. By logarithms, because the
    powers of small a and b vanish.
    """
    found, open_ = np.zeros(len(draws)), np.ones(len(draws), bool)
    while open_.any():
        u, v = (np.log(draws.uniform() + 2.0**-25) / power for power in (a, b))
        total = np.logaddexp(u, v)
        taken = open_ & (total <= 0)
        found[taken] = np.exp(u - total)[taken]
        open_ &= ~taken
    return found
