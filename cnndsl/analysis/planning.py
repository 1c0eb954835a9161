"""The memory that an engine plans for a network, before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnndsl.analysis.bytes import written
from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.engine import Optimizer, PlanningBackend
from cnndsl.graph import Graph
from cnndsl.lower import lower
from cnndsl.planned import Again, Planned

NAMED = 8  # of what lies in memory at its fullest


class MemoryPlan(Shown):
    """What an engine needs at a batch: for inference, and for a step of training if it has a loss. Exact bytes.

    Unlike `Memory`, which is the least that any backend needs, it holds columns of convolutions, gradients of
    every thread and scratch; what an engine allocates at its peak is within a few percent of it.
    """

    net: str
    backend: str
    dtype: str
    optimizer: str
    inference: Planned
    training: Planned | None = None

    @property
    def purposes(self) -> tuple[Planned, ...]:
        return (self.inference, self.training) if self.training else (self.inference,)

    @property
    def title(self) -> str:
        """What the numbers are for: `memory planned by numpy at batch 32, float32, adam`."""
        update = f", {self.optimizer}" if self.training else ""
        return f"memory planned by {self.backend} at batch {self.inference.batch:,}, {self.dtype}{update}"

    def page(self) -> Page:
        headings = (Heading("purpose"), Heading("layer"), Heading("what"), Heading("at its fullest", "right"))
        rows = tuple(row for planned in self.purposes for row in _rows(planned))
        return Page(f"{self.net}: {self.title}", (Table(headings, rows), Facts(self.facts())))

    def facts(self) -> tuple[Fact, ...]:
        """A sentence for each purpose, and how it is counted."""
        counted = (
            "all that the engine allocates: its arrays and their gaps in the arena; Python and NumPy themselves are not"
        )
        found = [Fact(planned.purpose, described(planned)) for planned in self.purposes]
        again = [Fact("made again", repeated(planned.again)) for planned in self.purposes if planned.again]
        return (*found, *again, Fact("counted as", counted))

    def to_dict(self) -> dict[str, Any]:
        """All of it in bytes."""
        names = ("net", "backend", "dtype", "optimizer")
        found = {planned.purpose: _as_dict(planned) for planned in self.purposes}
        return {"schema": Graph.schema, **{name: getattr(self, name) for name in names}, **found}


def memory_plan(graph: Graph, optimizer: Optimizer, *, batch: int, dtype: str, loss: Mapping[str, str]) -> MemoryPlan:
    """What the engine that runs everywhere plans for a network; nothing is built. Raises CnnError as `memory` does."""
    from cnndsl import backends

    backend = backends.load(backends.EVERYWHERE)
    program = lower(graph, loss)
    assert isinstance(backend, PlanningBackend), "NumPy's is one"
    found = backend.planned(program, batch, optimizer=optimizer, dtype=dtype)
    return MemoryPlan(graph.name, backends.EVERYWHERE, dtype, optimizer.kind, *found)


def described(planned: Planned) -> str:
    """The memory of one purpose in a sentence."""
    parts = [("parameters", planned.parameters), ("folded weights", planned.folded), ("gradients", planned.gradients)]
    parts += [("optimizer", planned.state), ("arena", planned.arena), ("results", planned.results)]
    listed = ", ".join(f"{name} {written(size)}" for name, size in parts if size)
    threads = f"{planned.parts} part{'' if planned.parts == 1 else 's'}"
    where = f"{planned.path} ({planned.phase})" if planned.path else f"the {planned.phase}"
    return f"{written(planned.peak)} in {threads}: {listed}; the arena is fullest at {where}"


def repeated(again: Again) -> str:
    """What is made again, what that saves, and what it costs."""
    named = ", ".join(again.paths[:NAMED]) + (f" and {len(again.paths) - NAMED} more" if again.paths[NAMED:] else "")
    taken = "" if again.seconds is None else f", {1000 * again.seconds:,.1f} ms of the last step"
    return (
        f"{again.steps} of {again.of} operations ({named}): {written(max(again.saved, 0))} less, "
        f"{100 * again.work:.0f} % of the run forward a second time{taken}"
    )


def _rows(planned: Planned) -> Iterator[tuple[str, str, str, str]]:
    """What lies in the arena at its fullest, the largest first."""
    for held in planned.held[:NAMED]:
        yield planned.purpose, held.path, held.role, written(held.bytes)
    rest = planned.held[NAMED:]
    if rest:
        yield planned.purpose, "", f"{len(rest)} more", written(sum(held.bytes for held in rest))


def _as_dict(planned: Planned) -> dict[str, Any]:
    fields = dict(zip(planned.fields, planned.as_tuple()))
    held = [dict(zip(item.fields, item.as_tuple())) for item in planned.held]
    again = planned.again and dict(zip(planned.again.fields, planned.again.as_tuple()))
    return fields | {"held": held, "again": again, "peak": planned.peak}
