"""Which results a gradient does not find where they were: they are made again, which takes time and saves memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Protocol

from cnndsl.flow import named
from cnndsl.needs import Place
from cnndsl.primitives import ConvolveTransposed
from cnndsl.program import Parameter, Program, Step
from cnndsl.record import Record

if TYPE_CHECKING:
    from .plan import Plan

STRETCHES = (2, 3, 4, 6, 8, 12, 16, 24)
ELEMENT = 8  # multiply-adds that take as long as making an element in another way


class Policy(Protocol):
    """Says which steps of a program, by number, are run again for the gradients."""

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]: ...


class Keep(Record):
    """Every result stays for as long as a gradient needs it."""

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]:
        return frozenset()


KEEP = Keep()


class Under(Record):
    """Layers, and blocks but for the results that are read outside of them, by their paths."""

    paths: tuple[str, ...]

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]:
        found: set[int] = set()
        seen = readers(steps)
        for path in self.paths:
            inside = {i for i, step in enumerate(steps) if f"{step.path}.".startswith(f"{path}.")}
            found |= {i for i in inside if seen[i] <= inside or steps[i].path == path}
        return settled(program, steps, found)


class Cheap(Record):
    """All but products with weights: what lies between them takes little time and much memory."""

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]:
        weights = _matrices(program)
        return settled(program, steps, {i for i, step in enumerate(steps) if not named(step.primitive, weights)})


class Stretches(Record):
    """The steps cut into `count` stretches of equal bytes: of the first `many` only what leads out is kept.

    T. Chen et al., Training deep nets with sublinear memory cost, 2016.
    """

    count: int
    many: int

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]:
        sizes = [prod(step.output.shape) for step in steps]
        whole, before, found = sum(sizes), 0, set()
        last = [max(seen, default=i) for i, seen in enumerate(readers(steps))]
        place = []
        for size in sizes:
            place.append(min(before * self.count // max(whole, 1), self.count - 1))
            before += size
        for i, end in enumerate(last):
            if place[i] == place[end] < self.many:
                found.add(i)
        return settled(program, steps, found)


class Together(Record):
    """What any of some policies drops."""

    policies: tuple[Policy, ...]

    def dropped(self, program: Program, steps: Sequence[Step]) -> frozenset[int]:
        found = (policy.dropped(program, steps) for policy in self.policies)
        return settled(program, steps, frozenset().union(*found))


def candidates() -> Iterator[Policy]:
    """What can be tried where memory is short."""
    yield Cheap()
    for count in STRETCHES:
        yield from (Stretches(count, many) for many in range(1, count + 1) if count <= 4 or many % (count // 4) == 0)


def readers(steps: Sequence[Step]) -> list[set[int]]:
    """For every step the numbers of those that read its result."""
    makers = {step.output.number: i for i, step in enumerate(steps)}
    found: list[set[int]] = [set() for _ in steps]
    for i, step in enumerate(steps):
        for value in step.inputs:
            if value.number in makers:
                found[makers[value.number]].add(i)
    return found


def settled(program: Program, steps: Sequence[Step], dropped: Collection[int]) -> frozenset[int]:
    """Without outputs and losses, and with what is the same memory kept or dropped together."""
    makers = {step.output.number: i for i, step in enumerate(steps)}
    ends = {value.number for value in (*program.outputs.values(), *program.losses)}
    found = {i for i in dropped if steps[i].output.number not in ends}
    same = [(i, makers.get(step.inputs[0].number)) for i, step in enumerate(steps) if _same(step)]
    for i, maker in reversed(same):
        if i not in found:
            found.discard(-1 if maker is None else maker)
    for i, maker in same:
        if maker not in found:
            found.discard(i)
    return frozenset(found)


def _same(step: Step) -> bool:
    return step.primitive.needs().place is Place.SAME


def work(program: Program, step: Step) -> int:
    """About how many multiply-adds a step takes for an example: a weight counts at every position."""
    weights = _matrices(program)
    positions = step.inputs[0].shape[:-1] if isinstance(step.primitive, ConvolveTransposed) else step.output.shape[:-1]
    products = sum(prod(weights[name].shape) for name in named(step.primitive, weights)) * prod(positions)
    return products + ELEMENT * prod(step.output.shape)


def _matrices(program: Program) -> Mapping[str, Parameter]:
    """The parameters that are multiplied with: those of two axes at least."""
    return {parameter.name: parameter for parameter in program.parameters if len(parameter.shape) > 1}


def share(plan: Plan) -> float:
    """The work that is done twice, as a part of that of the run forward."""
    every = sum(work(plan.program, step) for step in plan.steps)
    return sum(work(plan.program, turn.step) for turn in plan.schedule.turns if turn.again) / max(every, 1)
