"""Averages over batches of unequal size, exact: sums and counts are kept, and divided at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnndsl.train.task import Goal


class Meter:
    """Adds up the loss and the metrics of batches."""

    def __init__(self, goals: Mapping[str, Goal]) -> None:
        self.goals = goals
        self.examples = 0
        self.loss = 0.0
        self.sums: dict[str, tuple[float, int]] = {}

    def add(self, loss: float, count: int, outputs: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
        """One batch: its mean loss, its number of examples, what came out and what should have."""
        self.examples += count
        self.loss += loss * count
        for name, goal in self.goals.items():
            for metric in goal.metrics:
                part, number = metric.measure(np.asarray(outputs[goal.output]), targets[name])
                title = metric.kind if len(self.goals) == 1 else f"{goal.output}_{metric.kind}"
                total, counted = self.sums.get(title, (0, 0))
                self.sums[title] = total + part, counted + number

    def scores(self, prefix: str = "") -> dict[str, float]:
        """The means so far: `loss`, then the metrics."""
        if not self.examples:
            return {}
        means = {name: total / max(1, number) for name, (total, number) in self.sums.items()}
        return {prefix + name: value for name, value in {"loss": self.loss / self.examples, **means}.items()}

    def state(self) -> dict[str, Any]:
        """What was added up so far, for JSON, which keeps every bit of a number."""
        return {"examples": self.examples, "loss": self.loss, "sums": self.sums}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.examples, self.loss = state["examples"], state["loss"]
        self.sums = {name: (total, counted) for name, (total, counted) in state["sums"].items()}
