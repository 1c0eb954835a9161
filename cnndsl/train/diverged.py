"""What to say when a step's loss or gradients are no numbers any more."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from cnndsl.diagnostic import CnnError
from cnndsl.engine import Engine
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import GradientNotFinite, LossNotFinite
from cnndsl.program import Program
from cnndsl.train.callbacks.base import Run
from cnndsl.train.feed import Batch
from cnndsl.train.running import build

if TYPE_CHECKING:
    from cnndsl.train.model import Model


def diverged(model: Model, run: Run, batch: Batch, loss: float, before: float | None) -> CnnError:
    """The error for a step that changed nothing, as something was not finite: where it was, and where it began.

    A parameter that is spoilt was so before. Else the step is made again by an engine that shows every value on the
    way: forward the first layer is to blame, on the way back the one nearest to the loss.
    """
    largest = max(float(np.abs(array).max()) for array in batch.inputs.values())
    place = run.epoch, run.step, run.steps, before, run.rate, model.optimizer.kind
    if parameter := bad_parameter(model):
        return LossNotFinite(NOWHERE, loss, *place, parameter + _since(run), largest).error()
    program = watched(model.program)
    engine = _again(model, program)
    if output := bad_output(program, engine, batch, run.rate):
        return LossNotFinite(NOWHERE, loss, *place, output, largest).error()
    known, gradient = bad_gradient(program, engine, batch)
    if gradient and isfinite(known):
        return GradientNotFinite(NOWHERE, known, *place, gradient, largest).error()
    return LossNotFinite(NOWHERE, loss, *place, "", largest).error()


def _since(run: Run) -> str:
    """Which update has spoilt the parameters, as the one before it was computed with sound ones."""
    if run.step > 1:
        return f", since the update of step {run.step - 1}"
    return f", since the last update of epoch {run.epoch - 1}" if run.epoch > run.first else ""


def bad_parameter(model: Model) -> str:
    """The first parameter with a value that is not finite; "" if there is none.

    Statistics are left out: they follow what a layer was given, so its input is to blame.
    """
    arrays = model.engine.arrays()
    known = [parameter for parameter in model.program.parameters if parameter.role != "statistic"]
    bad = [parameter.name for parameter in known if not np.isfinite(arrays[parameter.name]).all()]
    if not bad:
        return ""
    if len(bad) > 1 and all(parameter.name in bad for parameter in known if parameter.trained):
        return f"all {len(bad)} parameters at once, `{bad[0]}` the first"
    count = int(np.count_nonzero(~np.isfinite(arrays[bad[0]])))
    return f"the parameter `{bad[0]}`, {count} of {arrays[bad[0]].size} values"


def watched(program: Program) -> Program:
    """The program with every value on the way as an output, but for those that depend on targets."""
    given = {value.number for value in program.targets.values()}
    for step in program.steps:
        if given & {value.number for value in step.inputs}:
            given.add(step.output.number)
    values = [step.output for step in program.steps if step.output.number not in given]
    return program.replace(outputs={str(value.number): value for value in values})


def _again(model: Model, program: Program) -> Engine:
    """An engine that is where the model's was before the step; that it needs more memory is no reason to say less."""
    how = model.running.replace(memory_limit=None, recompute=())
    engine = build(model.backend, program, how, optimizer=model.optimizer, seed=model.seed)
    now = model.engine.snapshot()
    past = max(0, int(now.numbers["step"]) - 1)  # the step is counted: the one before drew other numbers for dropout
    engine.restore(now.replace(numbers={**now.numbers, "step": past}))
    return engine


def bad_output(program: Program, engine: Engine, batch: Batch, rate: float) -> str:
    """The first layer whose output in training is not finite; "" if there is none."""
    _, values = engine.step(batch.inputs, batch.targets, rate)
    for step in program.steps:
        name = str(step.output.number)
        if name in program.outputs and not np.isfinite(np.asarray(values[name])).all():
            return f"the output of `{step.path}`"
    return ""


def bad_gradient(program: Program, engine: Engine, batch: Batch) -> tuple[float, str]:
    """The loss, and the last layer with a gradient that is not finite: the first one on the way back."""
    loss, found = engine.gradients(batch.inputs, batch.targets)
    names = [parameter.name for parameter in program.parameters if parameter.name in found]
    bad = [name for name in names if not np.isfinite(found[name]).all()]
    return loss, f"the gradients of `{bad[-1].rpartition('.')[0]}`" if bad else ""
