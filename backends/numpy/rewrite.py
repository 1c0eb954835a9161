"""Steps in another order that gives the same numbers for less work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cnndsl.program import Combine, MaxPool, Step, Unary, Value

from .rules import find


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


def finished(steps: Sequence[Step], read: Iterable[Value]) -> tuple[tuple[Step, ...], dict[int, tuple[Step, ...]]]:
    """Maps together with what is done to each of their results alone, and those steps by the number of its value.

    Such a map has the other values that are added as further inputs: they must be there before it runs. `read` are
    values that are read besides by the steps.
    """
    readers: dict[int, list[Step]] = {}
    for step in steps:
        for value in step.inputs:
            readers.setdefault(value.number, []).append(step)
    ends = {value.number for value in read}
    order = {step.output.number: place for place, step in enumerate(steps)}
    found: list[Step] = []
    tails: dict[int, tuple[Step, ...]] = {}
    taken: set[int] = set()
    for step in steps:
        if step.output.number in taken:
            continue
        kind = find(step.primitive)
        tail = tuple(_tail(step, readers, ends, order)) if kind and kind.has_tail else ()
        if tail:
            last = tail[-1].output
            others = (value for each in tail for value in _others(each, (step, *tail)))
            step = step.replace(inputs=(*step.inputs, *others), output=last)
            tails[last.number] = tail
            taken |= {each.output.number for each in tail}
        found.append(step)
    return tuple(found), tails


def _tail(step: Step, readers: dict[int, list[Step]], ends: set[int], order: dict[int, int]) -> Iterator[Step]:
    """The steps that can be done to the result of a map, one after the other."""
    place, last = order[step.output.number], step
    while last.output.number not in ends and len(readers.get(last.output.number, ())) == 1:
        (reader,) = readers[last.output.number]
        kind = find(reader.primitive)
        whole = all(value.shape == last.output.shape for value in (*reader.inputs, reader.output))
        there = all(order.get(value.number, -1) < place for value in _others(reader, (last,)))
        binary = not isinstance(reader.primitive, Combine) or len(reader.inputs) == 2  # so that the order is the same
        if not (kind and kind.finishes and whole and there and binary):
            return
        yield reader
        last = reader


def _others(step: Step, tail: Iterable[Step]) -> list[Value]:
    """The inputs of a step that the steps of a tail do not make."""
    made = {each.output.number for each in tail}
    return [value for value in step.inputs if value.number not in made]
