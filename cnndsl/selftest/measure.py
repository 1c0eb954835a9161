"""What a device makes of a case, and how far that is from what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.record import Record
from cnndsl.selftest.cases import Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnndsl.engine import Backend, Engine

    #: what was computed, by part (values, gradients, training) and name
    Made = dict[str, dict[str, NDArray[Any]]]

#: what may be off, by part and relative to the largest number of an array: float32 has 6e-8, sums of n terms lose
#: some sqrt(n) of it; TF32's 10 bits give 3e-4 and more, so that is told
ALLOWED = {"values": 5e-5, "gradients": 2e-4, "training": 2e-3, "slopes": 1e-6}
#: Winograd's transforms, which GPUs take for 3x3 kernels of so many channels, lose another two digits
WINOGRAD, LOOSER = "winograd", 20.0
RATE = 0.05
STEP = 1e-6  # of a slope


class Result(Record):
    """One part of a case on one device: how far it was off, and what is allowed; or what went wrong instead."""

    case: str
    device: str
    part: str
    error: float
    allowed: float
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem and self.error <= self.allowed

    @property
    def told(self) -> float | None:
        """The error as JSON has it: two digits, None where it is not finite."""
        return float(f"{self.error:.1e}") if np.isfinite(self.error) else None


def made(backend: Backend, case: Case, dtype: str = "float32") -> Made:
    """Outputs and loss in inference, gradients, and some steps of training where the case has them."""
    x, y = case.inputs(), case.targets()
    engine = _engine(backend, case, dtype)
    loss, outputs = engine.evaluate(x, y)
    values = {"loss": np.asarray(loss), **{f"evaluated {name}": array for name, array in outputs.items()}}
    values |= {f"predicted {name}": array for name, array in engine.predict(x).items()}
    loss, gradients = engine.gradients(x, y)
    found = {"values": values, "gradients": {"loss in training": np.asarray(loss), **gradients}}
    return {**found, "training": _trained(backend, case, dtype)} if case.steps else found


def _trained(backend: Backend, case: Case, dtype: str) -> dict[str, NDArray[Any]]:
    """Losses and outputs of each step, at a rate that changes, and all arrays at the end."""
    engine = _engine(backend, case, dtype)
    x, y = case.inputs(), case.targets()
    found: dict[str, NDArray[Any]] = {}
    for step in range(case.steps):
        loss, outputs = engine.step(x, y, RATE / (1 + step))
        found[f"loss of step {step + 1}"] = np.array(float(loss))
        found |= {f"{name} of step {step + 1}": np.array(array) for name, array in outputs.items()}
    return found | engine.arrays() | {f"later {name}": array for name, array in engine.predict(x).items()}


def _engine(backend: Backend, case: Case, dtype: str) -> Engine:
    from cnndsl.train.optimizers import SGD

    engine = backend.build(case.program, optimizer=SGD(RATE, momentum=0.9), seed=7, dtype=dtype)
    engine.load(case.parameters())
    return engine


def compared(case: Case, device: str, wanted: Made, found: Made) -> list[Result]:
    """A result for each part: the worst of its arrays, named where it is too far off."""
    return [_worst(case, device, part, arrays, found[part]) for part, arrays in wanted.items()]


def _worst(
    case: Case, device: str, part: str, wanted: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]]
) -> Result:
    if wanted.keys() != found.keys():
        problem = f"gives {sorted(found)} instead of {sorted(wanted)}"
        return Result(case.name, device, part, np.inf, allowed(case, part), problem)
    errors = {name: distance(array, found[name]) for name, array in wanted.items()}
    name = max(errors, key=errors.__getitem__, default="")
    return _judged(case, device, part, name, errors.get(name, 0.0))


def _judged(case: Case, device: str, part: str, name: str, error: float) -> Result:
    limit = allowed(case, part)
    problem = "" if error <= limit else f"{name} is off by {error:.2g}, allowed are {limit:.2g}"
    return Result(case.name, device, part, error, limit, problem)


def allowed(case: Case, part: str) -> float:
    return ALLOWED[part] * (LOOSER if case.group == WINOGRAD else 1.0)


def distance(wanted: NDArray[Any], found: NDArray[Any]) -> float:
    """The largest difference relative to the largest number; infinite for another shape or type, or a lost NaN."""
    if wanted.shape != found.shape or (wanted.ndim and found.dtype not in (np.float32, wanted.dtype)):
        return float("inf")
    known = np.isfinite(wanted)
    if not np.array_equal(np.where(known, 0, wanted), np.where(known, 0, found), equal_nan=True):
        return float("inf")
    one, other = wanted[known].astype(np.float64), found[known].astype(np.float64)
    return float(np.abs(one - other).max(initial=0) / max(np.abs(one).max(initial=0), 1e-3))


def slopes(backend: Backend, case: Case, device: str) -> Result:
    """The gradients against the slope of the loss in a random direction of all arrays, in float64."""
    engine = backend.build(case.program, seed=7, dtype="float64")
    engine.load(case.parameters())
    x, y = case.inputs(smooth=True), case.targets()
    _, gradients = engine.gradients(x, y)
    rng = np.random.default_rng(0)
    ways = {name: rng.normal(size=array.shape) for name, array in gradients.items()}
    start = {name: array.copy() for name, array in engine.arrays().items()}

    def loss(step: float) -> float:
        engine.load({name: array + step * ways[name] for name, array in start.items() if name in ways})
        moved = {name: array + step * ways[f"input:{name}"] for name, array in x.items()}
        return engine.gradients(moved, y)[0]

    measured = (loss(STEP) - loss(-STEP)) / (2 * STEP)
    wanted = sum(float(np.vdot(ways[name], array)) for name, array in gradients.items())
    size = sum(float(np.vdot(array, array)) for array in gradients.values()) ** 0.5
    error = abs(measured - wanted) / max(size, 1e-3)
    return _judged(case, device, "slopes", "the slope of the loss", error)
