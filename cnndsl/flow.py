"""What of a program has to run: which steps, which values have a gradient, how long values are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnndsl.program import Parameter, Primitive, Program, Step
from cnndsl.record import Record


class Mode(Record):
    """What a run is for: `training` differentiates the losses, `inputs` also with respect to the inputs."""

    training: bool = False
    losses: bool = False
    inputs: bool = False


PREDICT, EVALUATE, TRAIN, CHECK = Mode(), Mode(losses=True), Mode(True, True), Mode(True, True, True)


class Clock(Record):
    """The times of a run: inputs at 0, steps forward, outputs read, steps backward, gradients read."""

    steps: int

    def forward(self, step: int) -> int:
        return step + 1

    def backward(self, step: int) -> int:
        return 2 * self.steps + 1 - step

    @property
    def outputs(self) -> int:
        return self.steps + 1

    @property
    def end(self) -> int:
        return 2 * self.steps + 2


def needed(program: Program, mode: Mode) -> tuple[Step, ...]:
    """The steps that lead to an output, or to a loss where losses are asked for."""
    wanted = {value.number for value in program.outputs.values()}
    if mode.losses:
        wanted |= {value.number for value in program.losses}
    kept = []
    for step in reversed(program.steps):
        if step.output.number in wanted:
            kept.append(step)
            wanted |= {value.number for value in step.inputs}
    return tuple(reversed(kept))


def is_learned(parameter: Parameter) -> bool:
    """Whether training changes it by its gradient."""
    return parameter.trained and parameter.role not in ("statistic", "constant")


def named(primitive: Primitive, names: Iterable[str]) -> set[str]:
    """The parameters that a primitive uses, of those given."""
    return {field for field in primitive.as_tuple() if isinstance(field, str)}.intersection(names)


def differentiated(program: Program, steps: Sequence[Step], mode: Mode) -> set[int]:
    """The values whose gradient is needed: from something learned they lead to a loss."""
    if not mode.training:
        return set()
    learned = {parameter.name for parameter in program.parameters if is_learned(parameter)}
    depend = {value.number for value in program.inputs.values()} if mode.inputs else set()
    for step in steps:
        if named(step.primitive, learned) or depend.intersection(value.number for value in step.inputs):
            depend.add(step.output.number)
    lead = {value.number for value in program.losses}
    for step in reversed(steps):
        if step.output.number in lead:
            lead |= {value.number for value in step.inputs}
    return depend & lead


def last_reads(
    program: Program, steps: Sequence[Step], again: Sequence[tuple[bool, bool]], gradients: set[int], clock: Clock
) -> dict[int, int]:
    """For every value the time when it is read last.

    `again` says of each step whether its gradient reads the inputs and the output again.
    """
    reads: dict[int, int] = {}

    def read(number: int, time: int) -> None:
        reads[number] = max(reads.get(number, 0), time)

    for i, (step, (inputs, output)) in enumerate(zip(steps, again, strict=True)):
        backward = step.output.number in gradients
        read(step.output.number, clock.backward(i) if backward and output else clock.forward(i))
        for value in step.inputs:
            read(value.number, clock.backward(i) if backward and inputs else clock.forward(i))
    for value in (*program.outputs.values(), *program.losses):
        read(value.number, clock.outputs)
    return reads
