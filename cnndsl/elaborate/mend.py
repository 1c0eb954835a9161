"""Edits in the branches of a join that make them fit: each is tried on the graph before it is offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Refused
from cnndsl.graph import Node
from cnndsl.layers.base import Layer, infer
from cnndsl.source import Span
from cnndsl.volume import Volume

#: how far from what is written, and from the least, another padding or stride is looked for
FARTHEST = 8
#: edits that are offered
MOST = 3
#: layers of a branch that are looked at
LONGEST = 200

#: a written layer call, and the nodes that it made (several in a repetition)
Call = tuple[Node, ...]


def mends(
    nodes: Sequence[Node], join: Layer, ends: Sequence[int], spans: Sequence[Span], pair: tuple[int, int]
) -> tuple[Fix, ...]:
    """Edits of one argument in one of two branches (numbers from 1) that do not fit.

    Those with which all branches fit; if there are none, those with which these two do.
    """
    one, other = (number - 1 for number in pair)
    for together in (list(range(len(ends))), [one, other]):
        found: list[Fix] = []
        for branch, partner in ((other, one), (one, other)):
            wanted, end = nodes[ends[partner]].volume, ends[branch]
            for call in _calls(nodes, end, spans[branch]):
                mended: set[str] = set()
                for argument, value in _tries(call, wanted):
                    after = {} if argument in mended else _replayed(nodes, call, argument, value)
                    edit = call[0].site.edit(argument, str(value))
                    if not after or not edit or after[end].spatial != wanted.spatial:
                        continue
                    if _fits(join, [after.get(ends[n], nodes[ends[n]].volume) for n in together]):
                        found.append(Fix(f"bring branch {branch + 1} to {after[end]}: {argument}={value}", (edit,)))
                        mended.add(argument)
        if found:
            return tuple(found[:MOST])
    return ()


def _calls(nodes: Sequence[Node], end: int, span: Span) -> list[Call]:
    """The layer calls that are written in a branch and stand for nothing outside it, the last first."""
    seen: dict[int, Node] = {}
    waiting = [end]
    while waiting and len(seen) < LONGEST:
        node = nodes[waiting.pop()]
        if node.number not in seen:
            seen[node.number] = node
            waiting += node.inputs
    calls: dict[Span, list[Node]] = {}
    for node in sorted(seen.values(), key=lambda node: -node.number):
        if node.inputs and node.site.span and _inside(node.site.span, span):
            calls.setdefault(node.site.span, []).append(node)
    made = Counter(_at(node.site.span) for node in nodes)
    owners = {node.owner for node in nodes if node.owner != node.path}
    return [
        tuple(call)
        for at, call in calls.items()
        if made[_at(at)] == len(call) and not any(node.owner != node.path or node.path in owners for node in call)
    ]


def _at(span: Span | None) -> tuple[int, int, int]:
    """A place as numbers, which are compared in no time."""
    return (id(span.source), span.start, span.end) if span else (0, 0, 0)


def _inside(span: Span, outer: Span) -> bool:
    return span.source == outer.source and outer.start <= span.start and span.end <= outer.end


def _tries(call: Call, wanted: Volume) -> Iterator[tuple[str, int]]:
    """Other values of a call's arguments, the nearest first; only of those written as a number, or not at all."""
    node = call[0]
    declared = node.layer.arguments
    values: dict[str, list[int]] = {"filters": [wanted.channels] if wanted.channels is not None else []}
    for argument in ("pad", "stride"):
        now = getattr(node.layer, argument, None)
        if isinstance(now, int) or (argument == "stride" and now is None):
            least, start = (0, now or 0) if argument == "pad" else (1, now or 1)
            near = {*range(least, least + FARTHEST + 1), *range(max(least, start - FARTHEST), start + FARTHEST + 1)}
            values[argument] = sorted(near - {now}, key=lambda value: (abs(value - start), value))
    for argument, others in values.items():
        written = node.site.arguments.get(argument)
        if argument in declared and (written is None or written.text.isdigit()):
            yield from ((argument, value) for value in others if getattr(node.layer, argument) != value)


def _replayed(nodes: Sequence[Node], call: Call, argument: str, value: int) -> dict[int, Volume]:
    """The volumes that are another with the changed call; none where some layer refuses."""
    changed = {node.number: node.layer.replace(**{argument: value}) for node in call}
    after: dict[int, Volume] = {}
    try:
        for node in nodes[min(changed) :]:
            if node.number in changed or any(number in after for number in node.inputs):
                feeds = (after.get(number, nodes[number].volume) for number in node.inputs)
                after[node.number] = infer(changed.get(node.number, node.layer), *feeds)
    except Refused:
        return {}
    return after


def _fits(join: Layer, volumes: list[Volume]) -> bool:
    try:
        infer(join, *volumes)
    except Refused:
        return False
    return True
