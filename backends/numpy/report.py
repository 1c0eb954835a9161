"""What the plans of a batch say of their memory."""

from __future__ import annotations

from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, Any

from cnndsl.planned import Again, Held, Planned

from .recompute import share
from .rules.convolution import Convolution

if TYPE_CHECKING:
    from cnndsl.engine import Optimizer

    from .folded import Folded
    from .memory import Buffer
    from .parameters import Parameters
    from .plan import Plan
    from .shards import Shards


def planned(
    shards: Shards, parameters: Parameters, folded: Folded, optimizer: Optimizer | None, plain: int | None = None
) -> Planned:
    """The memory of plans with all that stands beside them; `plain` are the bytes of plans that keep everything."""
    training = shards.mode.training
    phase, path, held = _fullest(shards.plans)
    width = parameters.dtype.itemsize
    return Planned(
        "training" if training else "inference",
        shards.batch,
        len(shards.plans),
        parameters.values.nbytes,
        0 if training else folded.bytes,
        parameters.bytes * len(shards.plans) if training else 0,
        parameters.bytes * len(optimizer.slots) if training and optimizer else 0,
        shards.bytes,
        sum(prod(value.shape) for value in shards.program.outputs.values()) * shards.batch * width,
        phase,
        path,
        held,
        None if plain is None else _again(shards, plain),
    )


def _again(shards: Shards, plain: int) -> Again | None:
    """What runs a second time; nothing where everything is kept."""
    plan = shards.plans[0]
    turns = [turn for turn in plan.schedule.turns if turn.again]
    if not turns:
        return None
    paths = tuple(dict.fromkeys(turn.step.path for turn in sorted(turns, key=lambda turn: turn.index)))
    seconds = max(plan.seconds for plan in shards.plans) or None
    return Again(paths, len(turns), len(plan.steps), plain - shards.bytes, share(plan), seconds)


def record(shards: Shards) -> dict[str, Any]:
    """What was chosen for a batch: its parts, how each convolution is computed, what is made again."""
    plan = shards.plans[0]
    purpose = "training" if shards.mode.training else "inference"
    pairs = zip(plan.schedule.turns, plan.rules, strict=True)
    ways = {turn.step.path: type(rule.way).__name__ for turn, rule in pairs if isinstance(rule, Convolution)}
    again = sorted({turn.step.path for turn in plan.schedule.turns if turn.again})
    return {"purpose": purpose, "batch": shards.batch, "parts": len(shards.plans), "ways": ways, "again": again}


def _fullest(plans: list[Plan]) -> tuple[str, str, tuple[Held, ...]]:
    """The moment when most is in use, and what: that of all parts together, as they run side by side."""
    first = plans[0]
    line = _line(first)
    time = line.index(max(line))
    held: dict[tuple[str, str], int] = {}
    for buffer in (buffer for plan in plans for buffer in _roots(plan) if buffer.first <= time <= buffer.last):
        key = buffer.role, buffer.path
        held[key] = held.get(key, 0) + buffer.bytes
    found = tuple(Held(*key, size) for key, size in sorted(held.items(), key=lambda item: -item[1]) if size)
    return *_moment(first, time), found


def _roots(plan: Plan) -> list[Buffer]:
    return [buffer for buffer in plan.buffers if buffer.root is buffer]


def _line(plan: Plan) -> list[int]:
    """The bytes in use at each time."""
    changes = [0] * (plan.schedule.end + 2)
    for buffer in _roots(plan):
        changes[buffer.first] += buffer.bytes
        changes[buffer.last + 1] -= buffer.bytes
    return list(accumulate(changes[:-1]))


def _moment(plan: Plan, time: int) -> tuple[str, str]:
    """What runs at a time: its phase and its layer."""
    for turn in plan.schedule.turns:
        if turn.then == time:
            return "again" if turn.again else "forward", turn.step.path
        if turn.now == time:
            return "backward", turn.step.path
    return ("inputs" if time == 0 else "outputs"), ""
