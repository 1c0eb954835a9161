"""The ranks that train together, over MLX's ring: each computes its rows of a batch, and sums go over all of them.

A step is that of one process with the whole batch: the gradients are summed over all examples, the mean and variance
of batch normalization are those of all ranks, and masks are cut out of the whole batch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import mlx.core as mx
import numpy as np

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.ranks import PeerLost, PeerMissing

from . import peers
from .state import Arrays
from .watch import limited

#: the ranks of this process, once they have met: the ring lasts until it ends
JOINED: list[Ranks] = []
LEAST = 5.0  # seconds that MLX has to join ranks that have met, which takes it less than one
LOSS, TOLD = "loss", "told"  # no names of parameters, as these have a dot


class Ranks:
    """This rank, the others, and what they do together, as `cnndsl.engine.Ranks` says."""

    def __init__(self, group: mx.distributed.Group) -> None:
        self.group = group
        self.rank: int = group.rank()
        self.size: int = group.size()
        self.wishes: tuple[int, ...] = ()
        self._next: tuple[int, int, tuple[int, ...]] | None = None
        self.combine = self._differentiable()

    # ---- between steps ---------------------------------------------------------------------------

    def tell(self, first: int, count: int, wishes: tuple[int, ...]) -> None:
        self._next = first, count, wishes

    def every(self, data: bytes) -> list[bytes]:
        with self.held("between two steps"):
            sizes = np.array(self._gathered(mx.array([len(data)], mx.uint32))).reshape(-1)
            padded = np.zeros(max(int(sizes.max()), 1), np.uint8)
            padded[: len(data)] = np.frombuffer(data, np.uint8)
            rows = np.array(self._gathered(mx.array(padded))).reshape(self.size, -1)
        return [row[:size].tobytes() for row, size in zip(rows, sizes.tolist(), strict=True)]

    def first(self, data: bytes) -> bytes:
        with self.held("before the first step"):
            size = np.array(self._summed(mx.array([len(data) * (self.rank == 0)], mx.uint32)))[0]
            given = np.frombuffer(data, np.uint8) if self.rank == 0 else np.zeros(size, np.uint8)
            return np.array(self._summed(mx.array(given))).tobytes()

    def held(self, when: str) -> AbstractContextManager[None]:
        """Makes what MLX raises for a connection that ended a diagnostic. Raises CnnError (E607)."""
        return held(self.rank, when)

    def _summed(self, x: mx.array) -> mx.array:
        return mx.distributed.all_sum(x, group=self.group)

    def _gathered(self, x: mx.array) -> mx.array:
        return mx.distributed.all_gather(x, group=self.group)

    # ---- a step ----------------------------------------------------------------------------------

    def take(
        self, step: Callable[..., Any], arguments: tuple[Any, ...], number: int, rows: int
    ) -> tuple[Arrays, float, Any]:
        """A step with what was told of it, done when this returns: own outputs, the loss of all ranks, the new state.

        Without a word before, every rank has as many rows as this one. Raises CnnError (E607).
        """
        first, count, wishes = self._next or (self.rank * rows, rows, ())
        self._next = None
        told = {"first": mx.array(first, mx.uint32), TOLD: mx.array([count, *wishes], mx.float32)}
        with self.held(f"in step {number:,}"):
            outputs, loss, new, heard = step(*arguments, told)
            mx.eval(loss, outputs, new, heard)
            self.wishes = tuple(map(int, heard.tolist()))
            return outputs, loss.item(), new

    def averaged(self, loss: mx.array, gradients: Arrays, portion: Portion) -> tuple[mx.array, Arrays, mx.array]:
        """Loss and gradients, each a sum over this rank's examples, as means over all; and the sum of the wishes.

        All are sent as one message.
        """
        mine = {name: portion.counted(array) for name, array in {**gradients, LOSS: loss}.items()}
        summed = self._flat({**mine, TOLD: portion.told})
        count = summed[TOLD][0]
        means = {name: summed[name] / count for name in mine}
        return means.pop(LOSS), means, summed[TOLD][1:]

    def _flat(self, arrays: Arrays) -> Arrays:
        """The sum over the ranks of each array."""
        total = self._summed(mx.concatenate([array.reshape(-1) for array in arrays.values()]))
        found, start = {}, 0
        for name, array in arrays.items():
            found[name] = total[start : start + array.size].reshape(array.shape)
            start += array.size
        return found

    def _differentiable(self) -> Callable[..., list[mx.array]]:
        """Means and variances (C,) over each rank's examples and their number (1,), as those over all ranks'.

        By sums of squares around the common mean, which do not cancel (T. Chan et al., 1983). Their gradients are
        summed over the ranks, as what depends on them does so on every rank: a message each way.
        """

        @mx.custom_function  # type: ignore[untyped-decorator, unused-ignore]
        def combined(mean: mx.array, variance: mx.array, count: mx.array) -> list[mx.array]:
            every = self._gathered(mx.concatenate([mean, variance, count])).reshape(self.size, -1)
            counts = every[:, -1:]
            means, variances = mx.split(mx.where(counts > 0, every[:, :-1], 0.0), 2, axis=1)
            total = counts.sum()
            weights = counts / total
            whole = (weights * means).sum(axis=0)
            return [whole, (weights * (variances + (means - whole).square())).sum(axis=0), total]

        @combined.vjp  # type: ignore[untyped-decorator, unused-ignore]
        def back(primals: Any, cotangents: Any, outputs: Any) -> list[mx.array]:
            mean, _, count = primals
            sent = mx.where(count > 0, mx.concatenate(cotangents[:2]), 0.0)
            of_mean, of_variance = mx.split(self._summed(sent), 2)
            weight = count / outputs[2]
            return [
                weight * (of_mean + 2.0 * of_variance * (mean - outputs[0])),
                weight * of_variance,
                mx.zeros_like(count),
            ]

        found: Any = combined
        return cast(Callable[..., list[mx.array]], found)


class Portion:
    """What a rank has of a batch while a step is traced: how many examples, and how many come before them."""

    def __init__(self, ranks: Ranks, told: Arrays) -> None:
        self.ranks = ranks
        self.told = told[TOLD]
        self.first = told["first"]

    @property
    def count(self) -> mx.array:
        return self.told[:1]

    def counted(self, x: mx.array) -> mx.array:
        """0 where the rank has none and computes something all the same, as the others wait for it."""
        return mx.where(self.count > 0, x.reshape(-1), 0.0).reshape(x.shape)

    def summed(self, loss: mx.array) -> mx.array:
        """A mean over its examples as their sum."""
        return (self.counted(loss) * self.count).reshape(loss.shape)

    def moments(self, mean: mx.array, variance: mx.array) -> list[mx.array]:
        """The mean and the biased variance over the examples of all ranks, and how many these are."""
        return self.ranks.combine(mean, variance, self.count)


@contextmanager
def held(rank: int, when: str) -> Iterator[None]:
    """Makes what MLX raises for a connection that ended a diagnostic. Raises CnnError (E607)."""
    try:
        yield
    except RuntimeError as error:
        reason = (str(error).strip().splitlines() or ["unknown"])[0]
        raise PeerLost(NOWHERE, rank, when, reason).error() from None


def join(seconds: float) -> Ranks | None:
    """Meets the others; None where there are none.

    Raises CnnError: the environment does not say who they are (E605), one is missing (E606) or ends meanwhile (E607).
    Where one ends so that MLX waits for it without end, the process ends with the text of E606.
    """
    ring = peers.ring()
    if ring.size > 1 and not JOINED:
        peers.meet(ring, seconds)
        JOINED.append(_joined(ring, max(seconds, LEAST)))
    return JOINED[0] if ring.size > 1 else None


def _joined(ring: peers.Ring, seconds: float) -> Ranks:
    """Those that have met, in MLX's ring."""
    late = PeerMissing(NOWHERE, ring.rank, seconds, "the others in MLX's ring: one that was there has ended").error()
    with held(ring.rank, "before the first step"), limited(seconds, str(late)):
        return Ranks(mx.distributed.init(strict=True, backend="ring"))
