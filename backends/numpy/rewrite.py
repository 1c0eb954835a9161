"""Steps in another order that gives the same numbers for less work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cnndsl.program import MaxPool, Step, Unary, Value


def pools_first(steps: Sequence[Step], read: Iterable[Value]) -> tuple[Step, ...]:
    """relu behind a max pool where it stood before: it has fewer values to look at there.

    relu keeps the order of values, so the largest stays the largest. Where it makes several equal they
    are 0 and have no gradient either way. `read` are values that are read besides by the steps.
    """
    uses = Counter(value.number for step in steps for value in step.inputs)
    uses.update(value.number for value in read)
    relus = {step.output.number: step for step in steps if step.primitive == Unary("relu")}
    swapped = {
        step.inputs[0].number
        for step in steps
        if isinstance(step.primitive, MaxPool) and step.inputs[0].number in relus and uses[step.inputs[0].number] == 1
    }
    found: list[Step] = []
    for step in steps:
        if step.output.number in swapped:
            continue
        if isinstance(step.primitive, MaxPool) and step.inputs[0].number in swapped:
            relu = relus[step.inputs[0].number]
            between = Value(relu.output.number, step.output.shape)
            found.append(step.replace(inputs=relu.inputs, output=between))
            found.append(relu.replace(inputs=(between,), output=step.output))
        else:
            found.append(step)
    return tuple(found)
