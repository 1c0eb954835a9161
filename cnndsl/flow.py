"""What of a program has to run: which steps, and which values have a gradient."""

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
