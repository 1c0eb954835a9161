"""Where a training is, as data: taken from a loop between two steps, and given back to another one."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostic import CnnWarning
from cnndsl.engine import PRECISIONS
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.checkpoints import CheckpointDiffers, CheckpointsThere
from cnndsl.errors.training import BadSetting
from cnndsl.train.checkpoints import Saved

if TYPE_CHECKING:
    from cnndsl.engine import Snapshot
    from cnndsl.train.loop import Loop
    from cnndsl.train.meter import Meter
    from cnndsl.train.model import Model


def taken(loop: Loop, meter: Meter) -> Saved:
    """Everything that the rest of the training depends on; `meter` is what this epoch has measured so far."""
    run, model = loop.run, loop.model
    epoch, step = loop.position
    training = {
        "made": loop.made,
        "epoch": epoch,
        "step": step,
        "first": run.first,
        "epochs": run.epochs,
        "stopped": run.stopping,
        "trained": model.epochs,
        "last_loss": loop.last_loss,
        "seconds": 0.0 if loop.complete else loop.elapsed(),
        "meter": meter.state(),
        "pace": loop.pace.state(),
        "history": run.history.epochs,
        "callbacks": {name: state for name, callback in loop.named() if (state := callback.state())},
    }
    return Saved(model.metadata, model.engine.snapshot(), training)


def begin(loop: Loop, resume: bool) -> None:
    """Goes on from the newest whole checkpoint, or sees to it that there is none of another training.

    Several ranks all go on from where rank 0 does. Warns of damaged checkpoints that are passed over. Raises CnnError
    (E544 to E546, E548; E609).
    """
    if loop.together.leads:
        _begin(loop, resume)
    if loop.together.ranks:
        loop.made = made(loop)
        saved = taken(loop, loop.meter)
        engine, training = loop.together.led((saved.engine, saved.training), loop.made)
        if not loop.together.leads:
            _put(loop, engine, {**training, "meter": loop.meter.state()})


def _begin(loop: Loop, resume: bool) -> None:
    """What the process does that has the checkpoints."""
    checkpoints = loop.checkpoints
    if checkpoints is None:
        if resume:
            wanted = "False without a folder of checkpoints"
            raise BadSetting(NOWHERE, "fit", "resume", resume, wanted, False).error()
        return
    loop.made = made(loop)
    if not resume:
        if there := checkpoints.files():
            raise CheckpointsThere(NOWHERE, str(checkpoints.folder), len(there)).error()
        return
    saved, passed = checkpoints.newest()
    for diagnostic in passed:
        warnings.warn(CnnWarning(diagnostic), stacklevel=4)
    if saved is not None:
        refuse_others(loop, saved, checkpoints.folder)
        _put(loop, saved.engine, saved.training)


def _put(loop: Loop, engine: Snapshot, was: Mapping[str, Any]) -> None:
    """Puts a loop where a training was."""
    run, model = loop.run, loop.model
    model.engine.restore(engine)
    model.epochs = was["trained"]
    run.epochs += was["first"] - run.first
    run.first, run.epoch, run.step = was["first"], was["epoch"], was["step"]
    run.stopping = was["stopped"] and was["epochs"] >= run.epochs
    run.history.epochs = [dict(epoch) for epoch in was["history"]]
    loop.last_loss, loop.spent = was["last_loss"], was["seconds"]
    loop.meter.restore(was["meter"])
    loop.pace.restore(was["pace"])
    for name, callback in loop.named():
        if name in was["callbacks"]:
            callback.restore(was["callbacks"][name])


def made(loop: Loop) -> dict[str, Any]:
    """What must be the same for the rest to be the same, as texts and numbers."""
    model = loop.model
    return {
        "net": f"{model.net.name} {sha256(repr(model.program).encode()).hexdigest()[:16]}",
        "backend": _spoken(model),
        "optimizer": repr(model.optimizer),
        "losses": {goal.output: repr(goal.loss) for goal in model.task.goals.values()},
        "schedule": repr(loop.schedule),
        "adversarial": repr(loop.adversarial),
        "seed": model.seed,
        "batch_size": loop.batch_size,
        "shuffle": loop.shuffle,
        "augmentation": repr(loop.training.augment),
        "examples": len(loop.training),
        "data": loop.training.digest(),
    }


def _spoken(model: Model) -> str:
    """The backend, and the precision if it is not the usual one."""
    precision = model.running.precision
    return model.backend.name if precision == PRECISIONS[0] else f"{model.backend.name} in {precision}"


def refuse_others(loop: Loop, saved: Saved, folder: Path) -> None:
    """Raises CnnError (E545) that shows every difference."""
    now, was = json.loads(json.dumps(loop.made)), saved.training["made"]
    found = [
        f"{name.replace('_', ' ')}: {was.get(name)} in the checkpoint, {now[name]} now"
        for name in now
        if now[name] != was.get(name)
    ]
    begun = saved.training["epoch"] - saved.training["first"] + (saved.training["step"] > 0)
    wanted = loop.run.epochs - loop.run.first + 1
    if wanted < begun:
        found.append(f"epochs: {begun} are begun in the checkpoint, {wanted} wanted now")
    if found:
        raise CheckpointDiffers(NOWHERE, str(folder), tuple(found)).error()
