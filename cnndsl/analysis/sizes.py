"""The sizes that a network's inputs can have: axis by axis, exact up to 4,096, with the layers that ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cnndsl.analysis.alignment import misaligned
from cnndsl.analysis.extents import Extents
from cnndsl.analysis.findings import EXACT, FITS, TRAINED, WHOLE, Findings, gather
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.analysis.sweep import Sweep, changed
from cnndsl.graph import Graph
from cnndsl.record import Record
from cnndsl.volume import Extent, Volume, axis_names

#: the extents from 1 on that are looked at, at least and (where twice what is declared is more) at most
LAST, MOST = 4096, 32_768
#: nodes that are built again at most, where a program makes another graph of another size, and its least extents
REBUILT, LEAST = 10_000, 64
#: layers that are named for a condition
NAMED = 4

#: gives the graph of the program with other volumes of its inputs, or says why there is none
Rebuild = Callable[[Mapping[str, Volume]], Graph | str]


class Condition(Record):
    """What is left of the extents when a layer and all before it are asked; `why` is what it says otherwise."""

    path: str
    left: Extents
    why: str = ""


class AxisSizes(Record):
    """The extents that one axis can have, the other axes as declared.

    `fits` without a shape error; `whole` if besides no row of cells is read by no layer; `exact` if
    every division by a stride is exact; `trained` where trained weights fit, None if they always do.
    """

    inputs: tuple[str, ...]
    axes: tuple[str, ...]
    declared: Extent
    fits: Extents
    whole: Extents
    exact: Extents
    trained: Extents | None
    conditions: dict[str, tuple[Condition, ...]]
    #: the layers that see several axes together, or the program that reads the extent: what is not independent
    notes: tuple[str, ...] = ()

    def facts(self) -> Facts:
        """The sets in words, each with the layers that leave no more."""
        names = f"{_and(self.inputs)}: " if self.inputs else ""
        title = f"{names}{_and(self.axes)}, declared {'?' if self.declared is None else self.declared}"
        sets = [("fits", FITS, self.fits), ("nothing lost", WHOLE, self.whole), ("exact", EXACT, self.exact)]
        if self.trained is not None:
            sets.append(("weights fit", TRAINED, self.trained))
        title += f" (looked at up to {self.fits.last:,})"
        facts = [Fact(name, "; ".join([extents.words(), *self._asked(aspect)])) for name, aspect, extents in sets]
        return Facts((*facts, *(Fact("note", note) for note in self.notes)), title)

    def _asked(self, aspect: str) -> Iterator[str]:
        conditions = self.conditions.get(aspect, ())
        shown = [f"{each.path} ({each.left.words()})" for each in conditions[-NAMED:]]
        if shown:
            before = len(conditions) - NAMED
            more = f"{before} layer{'s' * (before > 1)} before, " if before > 0 else ""
            yield f"asked for by {more}{', '.join(shown)}"

    def to_dict(self) -> dict[str, Any]:
        sets = {FITS: self.fits, WHOLE: self.whole, EXACT: self.exact, TRAINED: self.trained}
        return {
            "inputs": list(self.inputs),
            "axes": list(self.axes),
            "declared": self.declared,
            **{name: extents and extents.to_dict() for name, extents in sets.items()},
            "conditions": {
                aspect: [{"path": each.path, "left": each.left.words(), "why": each.why} for each in conditions]
                for aspect, conditions in self.conditions.items()
            },
            "notes": list(self.notes),
        }


class Sizes(Shown):
    """The sizes that the inputs of a network can have."""

    net: str
    inputs: dict[str, Volume]
    axes: tuple[AxisSizes, ...]
    #: joins whose branches look at different places of the input, at the declared size
    misaligned: tuple[str, ...] = ()

    def page(self) -> Page:
        volumes = ", ".join(str(volume) for volume in self.inputs.values())
        title = f"{self.net}: what the size of its input {volumes} can be"
        none = Facts((Fact("size", "a vector has no spatial axis: its length is fixed"),))
        apart = Facts(tuple(Fact("misaligned", each) for each in self.misaligned), "joins, at the declared size")
        blocks = tuple(axis.facts() for axis in self.axes) or (none,)
        return Page(title, (*blocks, apart) if self.misaligned else blocks)

    def to_dict(self) -> dict[str, Any]:
        """Each axis with its sets: a rule (`from`, `period`, `residues`), what is a member `before` it, in words."""
        return {
            "schema": Graph.schema,
            "net": self.net,
            "inputs": {name: list(volume.extents) for name, volume in self.inputs.items()},
            "axes": [axis.to_dict() for axis in self.axes],
            "misaligned": list(self.misaligned),
        }


def sizes(graph: Graph, rebuild: Rebuild | None = None) -> Sizes:
    """The sizes that each spatial axis of each input can have, the others as declared.

    Axes that are declared alike and that every layer treats alike change together, so that a square
    stays one; so do inputs that only fit together (a join of two, shared weights). Where the program reads an extent
    that would change (`in.height`), `rebuild` makes the graph again for each; that is done for the
    first extents only.
    """
    inputs = {name: graph.nodes[number].volume for name, number in graph.inputs.items()}
    found = [each for name in inputs for each in _input(graph, (name,), rebuild)]
    if len(inputs) > 1 and len({volume.spatial for volume in inputs.values()}) == 1:
        together = list(_input(graph, tuple(inputs), rebuild))
        if any(_endless(each) for each in together) and not all(map(_endless, found)):
            found = together
    if len(inputs) == 1:
        found = [each.replace(inputs=()) for each in found]
    return Sizes(graph.name, inputs, tuple(found), tuple(_misaligned(graph)))


def _misaligned(graph: Graph) -> Iterator[str]:
    for node in graph:
        if len(node.inputs) > 1:
            yield from (f"{node.path}, {item}" for item in misaligned(graph, node))


def _input(graph: Graph, names: tuple[str, ...], rebuild: Rebuild | None) -> Iterator[AxisSizes]:
    """The axes of inputs that change together: as one where they are alike."""
    rank = graph.nodes[graph.inputs[names[0]]].volume.rank
    spatial = graph.nodes[graph.inputs[names[0]]].volume.spatial
    if rank > 1 and len(set(spatial)) == 1:
        together = Swept(graph, names, tuple(range(rank)))
        if together.alike:
            yield together.described(rebuild)
            return
    for axis in range(rank):
        yield Swept(graph, names, (axis,)).described(rebuild)


def _endless(each: AxisSizes) -> bool:
    """Whether ever larger extents fit."""
    return each.fits.last in each.fits or each.fits.rule()[2] != ()


class Swept:
    """Some axes of some inputs, changed together."""

    def __init__(self, graph: Graph, names: tuple[str, ...], axes: tuple[int, ...]) -> None:
        self.graph, self.names, self.axes = graph, names, axes
        self.volume = graph.nodes[graph.inputs[names[0]]].volume
        self.findings = Findings()
        self.last = min(max(LAST, 2 * (self.volume.extents[axes[0]] or 0)), MOST)
        self.sweep = Sweep(graph, [graph.inputs[name] for name in names], axes, range(1, self.last + 1))

    @property
    def alike(self) -> bool:
        """Whether every layer does the same on all of the axes."""
        volumes = (volume for column in self.sweep.columns.values() for volume in column.volumes)
        windows = (outcome.windows for seen in self.sweep.seen for outcome in seen.outcomes)
        rank = self.volume.rank
        return all(len(set(each.spatial)) <= 1 for each in volumes if each.rank == rank) and all(
            len(set(each)) <= 1 for each in windows
        )

    def described(self, rebuild: Rebuild | None) -> AxisSizes:
        """What the extents can be, in sets."""
        reader = "the program computes with extents (`in.height` and the like)"
        moved = any(self._moves(*read) for read in self.graph.reads)
        if moved and rebuild is not None:
            last = max(LEAST, min(self.last, REBUILT // len(self.graph.nodes)))
            self._rebuild(range(1, last + 1), rebuild)
            return self._sets(last, (f"{reader}, so its graph was made again for each: looked at up to {last:,}",))
        gather(self.sweep, self.findings, _moving)
        notes = [f"{reader}: this is its graph with the numbers that they have for {self.volume}"] * moved
        together = [path for path in self.findings.spoilt[TRAINED] if len(self.axes) > 1]
        notes += [f"{path} sees {_and(self._axis_names)} together: both are alike here" for path in together[:1]]
        return self._sets(self.last, tuple(notes))

    @property
    def _axis_names(self) -> tuple[str, ...]:
        names = axis_names(self.volume.rank)
        return tuple(names[axis] for axis in self.axes)

    def _moves(self, number: int, axis: int) -> bool:
        """Whether an extent of a node changes over the sweep."""
        column = self.sweep.columns.get(number)
        return column is not None and len({volume.extents[axis] for volume in column.volumes}) > 1

    def _rebuild(self, extents: range, rebuild: Rebuild) -> None:
        """The same from a graph for each extent, in which the axes of the same numbers are looked at."""
        declared = {name: self.graph.nodes[number].volume for name, number in self.graph.inputs.items()}
        arrays = _shapes(self.graph)
        for extent in extents:
            volumes = {name: changed(declared[name], self.axes, extent) for name in self.names}
            made = rebuild({**declared, **volumes})
            if isinstance(made, str):
                self.findings.add(FITS, self.graph.name, 1 << extent, made)
                continue
            sweep = Sweep(made, [made.inputs[name] for name in self.names], self.axes, (extent,))
            gather(sweep, self.findings, lambda _: set(self.axes))
            changed_arrays = set(_shapes(made).items()) ^ set(arrays.items())
            if changed_arrays:
                self.findings.add(TRAINED, min(changed_arrays)[0], 1 << extent)

    def _sets(self, last: int, notes: tuple[str, ...]) -> AxisSizes:
        """The sets, and the layers that leave fewer than those before them."""
        left: dict[str, Extents] = {}
        conditions: dict[str, tuple[Condition, ...]] = {}
        for aspect, spoilt in self.findings.spoilt.items():
            extents = left.get(FITS, Extents.all(last))
            asked = []
            for path, members in spoilt.items():
                fewer = extents - Extents(members, last)
                if fewer != extents:
                    asked.append(Condition(path, fewer, self.findings.why.get(path, "")))
                    extents = fewer
            left[aspect], conditions[aspect] = extents, tuple(asked)
        trained = left[TRAINED] if conditions[TRAINED] else None
        declared = self.volume.extents[self.axes[0]]
        sets = (left[FITS], left[WHOLE], left[EXACT], trained)
        return AxisSizes(self.names, self._axis_names, declared, *sets, conditions, notes)


def _moving(volumes: Iterable[Sequence[Extent]]) -> set[int]:
    """The axes on which some volumes differ: those that follow the axis that is changed."""
    return {axis for axis, extents in enumerate(zip(*volumes)) if len(set(extents)) > 1}


def _shapes(graph: Graph) -> dict[str, tuple[tuple[int, ...], ...]]:
    """The shapes of the arrays of each node that has some."""
    found = ((node.path, tuple(array.shape for array in graph.arrays(node))) for node in graph)
    return {path: shapes for path, shapes in found if shapes}


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
