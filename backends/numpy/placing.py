"""Which buffer every value and every gradient of a plan stands in: one of its own, or that of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Step, Value
from cnndsl.schedule import Turn

if TYPE_CHECKING:
    from .bench import Bench
    from .memory import Buffer
    from .plan import Plan
    from .rules.base import Rule


def place_values(plan: Plan) -> dict[int, Buffer]:
    """The buffers of all values by their keys. A result takes its input's place where that is no longer read."""
    reads = plan.schedule.reads(plan.program)
    values = _given(plan, reads)
    residents = {values[key].root: reads.get(key, 0) for key in values}  # until when any value in it is read
    for turn, rule in zip(plan.schedule.turns, plan.rules, strict=True):
        x, until = tuple(values[key] for key in turn.inputs), reads[turn.output]
        shape = plan.shape(turn.step.output)
        rule.x = x
        if rule.places is Place.SAME or (
            rule.places is Place.OVER and _may_overwrite(turn.step, x, residents, turn.then)
        ):
            rule.y = plan.see(x[0], shape)
        else:
            rule.y = plan.ask(shape, None, turn.then, turn.then, "activation", turn.step.path)
        rule.y.until(until)
        residents[rule.y.root] = max(residents.get(rule.y.root, 0), until)
        values[turn.output] = rule.y
    return values


def _given(plan: Plan, reads: dict[int, int]) -> dict[int, Buffer]:
    """Inputs and targets, which are there from the beginning."""
    labels = {turn.step.inputs[k].number for turn, rule in zip(plan.schedule.turns, plan.rules) for k in rule.whole}
    given = [(value, "input", name) for name, value in plan.program.inputs.items()]
    given += [(value, "target", name) for name, value in plan.program.targets.items()] if plan.mode.losses else []
    values = {}
    for value, role, name in given:
        dtype = np.int64 if value.number in labels else None
        last = reads.get(value.number, 0)
        values[value.number] = plan.ask(plan.shape(value), dtype, 0, last, role, name)
    return values


def _may_overwrite(step: Step, x: tuple[Buffer, ...], residents: dict[Buffer, int], now: int) -> bool:
    """Whether the output may be written over the first input: its memory is not read from here on."""
    first, *others = x
    alone = all(other.root is not first.root for other in others)
    return step.inputs[0].shape == step.output.shape and alone and residents[first.root] <= now


def place_gradients(plan: Plan, turn: Turn, rule: Rule[Any], bench: Bench) -> None:
    """Gives a rule the buffers of the gradients that it reads and writes.

    A value that is used twice has two contributions: the later ones are made apart and added.
    """
    now, step, gradients = bench.now, turn.step, plan.gradients
    rule.dy = dy = gradients[step.output.number]
    dy.until(now)
    rule.dx, free = [], True
    for value in step.inputs:
        known = gradients.get(value.number)
        fits = rule.places_gradient is not Place.OWN and _fits(step, rule, value)
        own: Buffer | None = None
        if value.number not in plan.moving:
            pass
        elif known is None and fits and free:
            gradients[value.number] = plan.see(dy, plan.shape(value))
            own = gradients[value.number] if rule.places_gradient is Place.OVER else None
            free = False
        elif known is None:
            own = gradients[value.number] = _slope(plan, step, value, now)
        else:
            known.until(now)
            if fits and rule.places_gradient is Place.SAME and known.root is not dy.root:
                bench.add(known, plan.see(dy, plan.shape(value)), first=True)
            else:
                own = _slope(plan, step, value, now)
                bench.add(known, own)
        rule.dx.append(own)


def _slope(plan: Plan, step: Step, value: Value, now: int) -> Buffer:
    return plan.ask(plan.shape(value), None, now, now, "gradient", step.path)


def _fits(step: Step, rule: Rule[Any], value: Value) -> bool:
    """Whether an input's gradient may stand where the output's does."""
    return value.shape == step.output.shape or rule.places is Place.SAME
