"""Averages over batches of unequal size, exact: sums and counts are kept, and divided at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cnndsl.train.metrics import Metric
from cnndsl.train.task import Goal


class Meter:
    """Adds up the loss, that of each output where there are several, and what the metrics count, of batches."""

    def __init__(self, goals: Mapping[str, Goal]) -> None:
        self.goals = goals
        self.examples = 0
        self.loss = 0.0
        self.parts = {title: 0.0 for title, _, _ in self.losses()}
        self.counts: dict[str, Any] = {}

    def losses(self) -> Iterator[tuple[str, str, float]]:
        """Where several outputs are trained, each loss: its title, its name among the outputs, its weight."""
        if len(self.goals) > 1:
            for name, goal in self.goals.items():
                yield f"{goal.output}_loss", f"loss:{name}", goal.weight

    def measures(self) -> Iterator[tuple[str, str, Goal, Metric]]:
        """Every metric with its title, the name of its targets and its goal."""
        for name, goal in self.goals.items():
            for metric in goal.metrics:
                title = metric.title if len(self.goals) == 1 else f"{goal.output}_{metric.title}"
                yield title, name, goal, metric

    def add(self, loss: float, count: int, outputs: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
        """One batch: its mean loss, its number of examples, what came out and what should have."""
        self.examples += count
        self.loss += loss * count
        for title, name, weight in self.losses():
            self.parts[title] += float(np.asarray(outputs[name]).sum(dtype=np.float64)) / weight
        for title, name, goal, metric in self.measures():
            counted = metric.counts(np.asarray(outputs[goal.output]), targets[name], goal.reading)
            self.counts[title] = self.counts.get(title, 0) + counted

    def scores(self, prefix: str = "") -> dict[str, float]:
        """The means so far: `loss`, those of the outputs (before their weights), then the metrics."""
        if not self.examples:
            return {}
        found = {prefix + "loss": self.loss / self.examples}
        found |= {prefix + title: total / self.examples for title, total in self.parts.items()}
        for title, _, goal, metric in self.measures():
            value = metric.value(self.counts[title], goal.reading)
            if value is not None:
                found[prefix + title] = value
        return found

    def details(self) -> dict[str, Any]:
        """What the metrics have besides: an array of a number for each class, or a matrix, by title."""
        measured = ((title, metric.details(self.counts[title])) for title, _, _, metric in self.measures())
        return {title: array for title, array in measured if array is not None} if self.examples else {}

    def state(self) -> dict[str, Any]:
        """What was added up so far, for JSON, which keeps every bit of a number."""
        counts = {title: counted.tolist() for title, counted in self.counts.items()}
        return {"examples": self.examples, "loss": self.loss, "parts": dict(self.parts), "counts": counts}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.examples, self.loss, self.parts = state["examples"], state["loss"], dict(state["parts"])
        self.counts = {title: np.array(counted) for title, counted in state["counts"].items()}
