"""The difference of two networks: layers added, removed, changed, and what that does to the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnndsl.analysis.budgets import peak
from cnndsl.analysis.cost import cost
from cnndsl.analysis.fields import fields
from cnndsl.analysis.matching import call, matched, rewired
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.graph import Graph
from cnndsl.record import Record

#: layers of one sort that are listed
LISTED = 40


class Change(Record):
    """A layer in both networks, or in one of them: its path and call before and after, "" where it is not."""

    paths: tuple[str, str]
    calls: tuple[str, str]
    #: the paths of what it reads, where that is something else
    reads: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        if not all(self.paths):
            return f"{self.paths[0] or self.paths[1]}: {self.calls[0] or self.calls[1]}"
        path = self.paths[0] if self.paths[0] == self.paths[1] else " -> ".join(self.paths)
        if self.calls[0] != self.calls[1]:
            return f"{path}: {' -> '.join(self.calls)}"
        return f"{path}: reads {' -> '.join(self.reads)}" if any(self.reads) else path


class Count(Record):
    """A total of both networks; None while it depends on an extent that is not fixed."""

    name: str
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before

    def __str__(self) -> str:
        one, other = ("?" if number is None else f"{number:,}" for number in (self.before, self.after))
        if self.change == 0:
            return f"{one}, the same"
        change = "" if self.change is None else f" ({self.change:+,})"
        return f"{one} -> {other}{change}"


class Difference(Shown):
    """What became of a network: its layers by what happened to them, and its totals."""

    nets: tuple[str, str]
    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]
    renamed: tuple[Change, ...]
    outputs: tuple[tuple[str, ...], tuple[str, ...]]
    counts: tuple[Count, ...]

    @property
    def same(self) -> bool:
        """Whether the two have the same layers under the same paths, read in the same way, and the same outputs."""
        return not (self.added or self.removed or self.changed or self.renamed or self.outputs[0] != self.outputs[1])

    def page(self) -> Page:
        sorts = ("added", "removed", "changed", "renamed")
        numbers = [f"{len(getattr(self, sort))} {sort}" for sort in sorts if getattr(self, sort)]
        title = f"{' -> '.join(self.nets)}: {', '.join(numbers) or 'the same layers'}"
        layers = [fact for sort in sorts for fact in _listed(sort, getattr(self, sort))]
        if self.outputs[0] != self.outputs[1]:
            layers.append(Fact("outputs", " -> ".join(", ".join(names) for names in self.outputs)))
        totals = Facts(tuple(Fact(count.name, str(count)) for count in self.counts))
        return Page(title, (Facts(tuple(layers)), totals) if layers else (totals,))

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": Graph.schema,
            "nets": list(self.nets),
            "same": self.same,
            **{
                sort: [
                    {"path": list(each.paths), "call": list(each.calls), "reads": list(each.reads)} for each in found
                ]
                for sort, found in (
                    ("added", self.added),
                    ("removed", self.removed),
                    ("changed", self.changed),
                    ("renamed", self.renamed),
                )
            },
            "outputs": [list(names) for names in self.outputs],
            "counts": {
                each.name: {"before": each.before, "after": each.after, "change": each.change} for each in self.counts
            },
        }


def difference(before: Graph, after: Graph) -> Difference:
    """What changed from one network to another: layers matched by their calls and order, not only by their paths."""
    pairs, removed, added = matched(before, after)
    reads = {pair[0].number: (one, other) for pair, one, other in rewired(pairs, before, after)}
    changed, renamed = [], []
    names = {one.path: other.path for one, other in pairs}
    for one, other in sorted(pairs, key=lambda pair: pair[1].number):
        calls = call(one), call(other)
        if calls[0] == calls[1].replace(other.owner, one.owner) and names.get(one.owner) == other.owner:
            calls = calls[1], calls[1]  # the layer that it shares with has another name
        found = Change((one.path, other.path), calls, reads.get(one.number, ("", "")))
        if calls[0] != calls[1] or any(found.reads):
            changed.append(found)
        elif one.path != other.path:
            renamed.append(found)
    return Difference(
        (before.name, after.name),
        tuple(Change(("", node.path), ("", call(node))) for node in added),
        tuple(Change((node.path, ""), (call(node), "")) for node in removed),
        tuple(changed),
        tuple(renamed),
        (tuple(before.outputs), tuple(after.outputs)),
        tuple(_counts(before, after)),
    )


def _counts(before: Graph, after: Graph) -> Iterator[Count]:
    costs = cost(before), cost(after)
    for name, attribute in (("parameters", "params"), ("MACs", "macs"), ("activations", "activations")):
        yield Count(name, *(getattr(each, attribute) for each in costs))
    both: tuple[tuple[str, Callable[[Graph], int | None]], ...] = (
        ("bytes at inference", peak),
        ("largest local field", _field),
    )
    for title, measure in both:
        yield Count(title, measure(before), measure(after))


def _field(graph: Graph) -> int:
    """The largest local receptive field of a layer, in cells of an input's axis."""
    sizes = (axis.local for layer in fields(graph) for axes in layer.values() for axis in axes)
    return max((size for size in sizes if size is not None), default=0)


def _listed(sort: str, changes: tuple[Change, ...]) -> Iterator[Fact]:
    for number, change in enumerate(changes[:LISTED]):
        yield Fact("" if number else sort, str(change))
    if len(changes) > LISTED:
        yield Fact("", f"and {len(changes) - LISTED} more")
