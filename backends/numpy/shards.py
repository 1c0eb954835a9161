"""A batch cut into parts, with a plan and a thread for each."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.flow import Mode
from cnndsl.program import Program
from cnndsl.record import Record

from .plan import Plan
from .recompute import KEEP, Policy
from .rules.base import State
from .team import Team

if TYPE_CHECKING:
    from cnndsl.engine import Arrays

    from .folded import Folded
    from .memory import Array
    from .parameters import Parameters

EXAMPLES = 2  # in a part, at least: each begins at an even number
COPIES = 1 << 29  # bytes: each part has gradients of its own, which take no more than this together
WORK = 3 << 14  # elements of an average value in a part, at least: Python lets one thread at a time start a step


class Share(Record):
    """A part of a batch: its examples, and its seat in the team of threads."""

    examples: slice
    batch: int
    seat: int
    team: Team

    @property
    def count(self) -> int:
        count: int = self.examples.stop - self.examples.start
        return count

    def total(self, part: Array) -> Array:
        """The sum over all parts of the batch."""
        return self.team.total(self.seat, part)


def average(program: Program) -> float:
    """How many elements a step makes for one example."""
    return sum(prod(step.output.shape) for step in program.steps) / max(len(program.steps), 1)


def cuts(batch: int, threads: int, elements: float, gradients: int) -> list[slice]:
    """The parts of a batch, one for each thread where that is worth it.

    `elements` are those of an average value, `gradients` the bytes of all parameters' gradients. Each
    part begins at an even number, as random numbers come in pairs.
    """
    worth = int(batch * elements // WORK)
    parts = max(1, min(threads, batch // EXAMPLES, worth, 1 + COPIES // max(gradients, 1)))
    ends = [batch * i // parts // 2 * 2 for i in range(parts)] + [batch]
    return [slice(*ends[i : i + 2]) for i in range(parts)]


class Shards:
    """A program at one batch size for one purpose, run by a team.

    A part's plan has memory of its own, so that no thread need wait for another but where a rule asks
    for a sum over the batch. A batch that is not cut may be run by several threads, `seats`, step by step.
    """

    def __init__(
        self,
        program: Program,
        parts: list[slice],
        mode: Mode,
        parameters: Parameters | Folded,
        state: State,
        team: Team,
        policy: Policy = KEEP,
        seats: int = 1,
    ) -> None:
        self.program, self.mode, self.team, self.policy = program, mode, team, policy
        self.batch = parts[-1].stop
        shares = [Share(part, self.batch, seat, team) for seat, part in enumerate(parts)]
        self.plans = [Plan(program, share, mode, parameters, state, policy, seats) for share in shares]
        self.bytes = sum(plan.bytes for plan in self.plans)

    def bind(self, room: Array) -> None:
        """Gives every plan its piece of the memory."""
        start = 0
        for plan in self.plans:
            plan.bind(room[start : start + plan.bytes])
            start += plan.bytes

    def run(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, Array], dict[str, Array]]:
        """Loss, outputs and, where asked for, gradients of the inputs; the parameters' stay with them."""
        dtype = self.plans[0].dtype
        parts = self.program.parts if self.mode.losses else {}
        outputs = self._empty({**self.program.outputs, **parts}, dtype)
        slopes = self._empty(self.program.inputs, dtype) if self.mode.inputs else {}
        losses = np.zeros(len(self.plans))

        def job(plan: Plan) -> None:
            part = plan.share.examples
            plan.forward(
                {name: inputs[name][part] for name in self.program.inputs},
                {name: targets[name][part] for name in self.program.targets} if self.mode.losses else {},
            )
            losses[plan.share.seat] = plan.loss()
            plan.outputs({name: array[part] for name, array in outputs.items()})
            if self.mode.training:
                plan.backward()
                plan.input_gradients({name: array[part] for name, array in slopes.items()})

        jobs = [partial(job, plan) for plan in self.plans]
        self.team.run(jobs + [partial(self.plans[0].follow, seat) for seat in range(len(jobs), self.team.size)])
        return float(losses.sum()), outputs, slopes

    def _empty(self, values: Any, dtype: Any) -> dict[str, Array]:
        return {name: np.empty((self.batch, *value.shape), dtype) for name, value in values.items()}
