"""What the lints about training say of a model: as warnings, at the line of the user's that called."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from cnndsl.diagnostic import CnnWarning
from cnndsl.engine import AdvisingBackend, Backend
from cnndsl.errors.backends import SlowBackend
from cnndsl.errors.base import NOWHERE
from cnndsl.lints.training._base import Seen, Trained, judged
from cnndsl.once import first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnndsl.graph import Graph
    from cnndsl.train.feed import Feed
    from cnndsl.train.task import Task


def warn_of_losses(graph: Graph, task: Task, stacklevel: int) -> None:
    """What the losses show before there is data."""
    _warn(graph, Seen({output: trained for output, trained, _ in _goals(task)}), stacklevel + 1)


def warn_of_data(graph: Graph, task: Task, feed: Feed, stacklevel: int) -> None:
    """What the ranges of the examples and their targets show."""
    inputs, targets = feed.ranges()
    if inputs:
        outputs = {name: trained.replace(targets=targets[goal]) for name, trained, goal in _goals(task)}
        _warn(graph, Seen(outputs, inputs, {name: task.spoken(name) for name in inputs}), stacklevel + 1)


def warn_of_slowness(backend: Backend, stacklevel: int) -> None:
    """That training is slow and need not be: once on a machine, and only to somebody at a terminal."""
    if not isinstance(backend, AdvisingBackend) or sys.stderr is None or not sys.stderr.isatty():
        return
    reason = backend.slow()
    if reason and first(f"slow-{backend.name}"):
        problem = SlowBackend(NOWHERE, reason)
        warnings.warn(CnnWarning(problem.diagnostic()), stacklevel=stacklevel + 1)


def _goals(task: Task) -> Iterator[tuple[str, Trained, str]]:
    """Each trained output, its loss, and the name of its targets."""
    for name, goal in task.goals.items():
        yield goal.output, Trained(goal.loss.kind, goal.loss.takes), name


def _warn(graph: Graph, seen: Seen, stacklevel: int) -> None:
    for diagnostic in judged(graph, seen):
        warnings.warn(CnnWarning(diagnostic), stacklevel=stacklevel + 1)
