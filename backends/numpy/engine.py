"""The engine: a program with its parameters, and the plans that run it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from cnndsl.errors.backends import NoRule
from cnndsl.errors.base import NOWHERE
from cnndsl.program import Optimizer, Program

from . import memory
from .flow import CHECK, EVALUATE, PREDICT, TRAIN, Mode
from .parameters import Parameters
from .plan import Plan
from .rules import find
from .rules.base import State

if TYPE_CHECKING:
    from cnndsl.program import Arrays

    from .memory import Array

PLANS = 8  # kept at a time: a training and an inference run with their last, smaller batches, and some

P = ParamSpec("P")
R = TypeVar("R")


def alone(run: Callable[Concatenate[NumpyEngine, P], R]) -> Callable[Concatenate[NumpyEngine, P], R]:
    """One run at a time, as all share one memory, and without NumPy's warnings: the caller looks for NaN."""

    @wraps(run)
    def guarded(engine: NumpyEngine, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with engine.lock, np.errstate(all="ignore"):
            return run(engine, *args, **kwargs)

    return guarded


class NumpyEngine:
    """A program on NumPy, as `cnndsl.program.Engine` says.

    Raises CnnError (E603) for a primitive without a rule.
    """

    def __init__(self, program: Program, optimizer: Optimizer | None, seed: int, dtype: str) -> None:
        for step in program.steps:
            if find(step.primitive) is None:
                raise NoRule(NOWHERE, "numpy", step.path, repr(step.primitive)).error()
        self.program = program
        self.optimizer = optimizer
        self.parameters = Parameters(program.parameters, seed, dtype)
        self.state = State(seed)
        self.plans: dict[tuple[int, Mode], Plan] = {}
        self.room = memory.arena(0)
        self.lock = Lock()

    def plan(self, batch: int, mode: Mode) -> Plan:
        """The plan for a batch size and a purpose, made once; all plans share one memory."""
        key = (batch, mode)
        if key not in self.plans:
            while len(self.plans) >= PLANS:
                del self.plans[next(iter(self.plans))]
            self.plans[key] = made = Plan(self.program, batch, mode, self.parameters, self.state)
            if made.bytes > self.room.size:
                self.room = memory.arena(made.bytes)
                for plan in self.plans.values():
                    plan.bind(self.room)
            else:
                made.bind(self.room)
        self.plans[key] = self.plans.pop(key)  # the one used last is dropped last
        return self.plans[key]

    def batch(self, inputs: Arrays) -> int:
        return len(next(iter(inputs.values())))

    def arrays(self) -> dict[str, Array]:
        return {name: self.parameters.array(name).copy() for name in self.parameters.names}

    def load(self, arrays: Arrays) -> None:
        for name, array in arrays.items():
            np.copyto(self.parameters.array(name), array, casting="unsafe")

    @alone
    def predict(self, inputs: Arrays) -> dict[str, Array]:
        batch = self.batch(inputs)
        if not batch:
            outputs = self.program.outputs.items()
            return {name: np.empty((0, *value.shape), self.parameters.dtype) for name, value in outputs}
        plan = self.plan(batch, PREDICT)
        plan.forward(inputs, {})
        return plan.outputs()

    @alone
    def evaluate(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, Array]]:
        plan = self.plan(self.batch(inputs), EVALUATE)
        plan.forward(inputs, targets)
        return plan.loss(), plan.outputs()

    @alone
    def step(self, inputs: Arrays, targets: Arrays, rate: float | None = None) -> tuple[float, dict[str, Array]]:
        if self.optimizer is None:
            raise ValueError("this engine was built without an optimizer")
        plan = self.plan(self.batch(inputs), TRAIN)
        loss, outputs = self._differentiate(plan, inputs, targets, updating=True)
        self.state.step += 1
        rate = self.optimizer.rate if rate is None else float(rate)
        self.parameters.update(self.optimizer, rate, self.state.step)
        return loss, outputs

    @alone
    def gradients(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, Array]]:
        plan = self.plan(self.batch(inputs), CHECK)
        loss, _ = self._differentiate(plan, inputs, targets, updating=False)
        learned: dict[str, Any] = {name: self.parameters.gradient(name) for name in self.parameters.learned}
        found = {name: array.copy() for name, array in learned.items()}
        return loss, found | {f"input:{name}": array for name, array in plan.input_gradients().items()}

    def _differentiate(
        self, plan: Plan, inputs: Arrays, targets: Arrays, updating: bool
    ) -> tuple[float, dict[str, Array]]:
        self.state.updating = updating
        plan.forward(inputs, targets)
        loss, outputs = plan.loss(), plan.outputs()
        plan.backward()
        return loss, outputs
