"""What to say when the loss is no number any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnndsl.diagnostic import CnnError
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import LossNotFinite
from cnndsl.train.callbacks.base import Run
from cnndsl.train.feed import Batch
from cnndsl.train.transfer import looking

if TYPE_CHECKING:
    from cnndsl.train.model import Model


def diverged(model: Model, run: Run, batch: Batch, loss: float, before: float | None) -> CnnError:
    """The error for a loss that is not finite: where it happened, and where it began if that can be told."""
    largest = max(float(np.abs(array).max()) for array in batch.inputs.values())
    place = (run.epoch, run.step, run.steps)
    # A step whose loss is not finite changes nothing: a spoilt parameter was there before.
    parameter = bad_parameter(model)
    found = f"{parameter}, since the update of the step before" if parameter and run.step > 1 else parameter
    found = found or bad_output(model, batch)
    return LossNotFinite(NOWHERE, loss, *place, before, run.rate, model.optimizer.kind, found, largest).error()


def bad_parameter(model: Model) -> str:
    """The first parameter with a value that is not finite; "" if there is none.

    Where all are spoilt, the step has spread it everywhere and the first means nothing. Statistics
    are left out: they follow what a layer was given, so its input is to blame.
    """
    arrays = model.engine.arrays()
    known = [parameter for parameter in model.program.parameters if parameter.role != "statistic"]
    bad = [parameter for parameter in known if not np.isfinite(arrays[parameter.name]).all()]
    if not bad:
        return ""
    if len(bad) > 1 and all(parameter in bad for parameter in known if parameter.trained):
        return "all parameters at once"
    count = int(np.count_nonzero(~np.isfinite(arrays[bad[0].name])))
    return f"the parameter `{bad[0].name}`, {count} of {arrays[bad[0].name].size} values"


def bad_output(model: Model, batch: Batch) -> str:
    """The first layer whose output is not finite for a batch, found by a program that puts out every value."""
    program = model.program
    given = {value.number for value in program.targets.values()}
    for step in program.steps:
        if given & {value.number for value in step.inputs}:
            given.add(step.output.number)
    steps = tuple(step for step in program.steps if step.output.number not in given)
    outputs = {str(step.output.number): step.output for step in steps}
    probe = looking(model, program.replace(steps=steps, outputs=outputs, targets={}, losses=()))
    values = probe.predict(batch.inputs)
    for step in steps:
        if not np.isfinite(values[str(step.output.number)]).all():
            return f"the output of `{step.path}`"
    return ""
