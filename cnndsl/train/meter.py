"""Averages over batches of unequal size, exact: sums and counts are kept, and divided at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnndsl.train.task import Goal, losses, measures


class Meter:
    """Adds up the loss, that of each output where there are several, and what the metrics count, of batches."""

    def __init__(self, goals: Mapping[str, Goal]) -> None:
        self.goals = goals
        self.examples = 0
        self.loss = 0.0
        self.parts = {title: 0.0 for title, _, _ in losses(self.goals)}
        self.counts: dict[str, Any] = {}

    def add(self, loss: float, count: int, counted: Mapping[str, Any]) -> None:
        """One batch: its mean loss, its number of examples, and what `Counts` makes of it."""
        self.examples += count
        self.loss += loss * count
        for title, name, weight in losses(self.goals):
            self.parts[title] += float(np.asarray(counted[name]).sum(dtype=np.float64)) / weight
        for title, *_ in measures(self.goals):
            self.counts[title] = self.counts.get(title, 0) + np.asarray(counted[title]).astype(np.int64)

    def scores(self, prefix: str = "") -> dict[str, float]:
        """The means so far: `loss`, those of the outputs (before their weights), then the metrics."""
        if not self.examples:
            return {}
        found = {prefix + "loss": self.loss / self.examples}
        found |= {prefix + title: total / self.examples for title, total in self.parts.items()}
        for title, _, goal, metric in measures(self.goals):
            value = metric.value(self.counts[title], goal.reading)
            if value is not None:
                found[prefix + title] = value
        return found

    def details(self) -> dict[str, Any]:
        """What the metrics have besides: an array of a number for each class, or a matrix, by title."""
        measured = ((title, metric.details(self.counts[title])) for title, _, _, metric in measures(self.goals))
        return {title: array for title, array in measured if array is not None} if self.examples else {}

    def state(self) -> dict[str, Any]:
        """What was added up so far, for JSON, which keeps every bit of a number."""
        counts = {title: counted.tolist() for title, counted in self.counts.items()}
        return {"examples": self.examples, "loss": self.loss, "parts": dict(self.parts), "counts": counts}

    def join(self, state: Mapping[str, Any]) -> None:
        """Adds what another one gave as its `state`."""
        self.examples += state["examples"]
        self.loss += state["loss"]
        for title, total in state["parts"].items():
            self.parts[title] += total
        for title, counted in state["counts"].items():
            self.counts[title] = self.counts.get(title, 0) + np.array(counted)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.examples, self.loss = state["examples"], state["loss"]
        self.parts |= state.get("parts", {})  # checkpoints of format 1 had none
        self.counts = {title: np.array(counted) for title, counted in state["counts"].items()}
