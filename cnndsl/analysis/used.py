"""The memory that an engine was seen to use, for backends that plan none."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.bytes import written
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.graph import Graph


class MemoryUsed(Shown):
    """Bytes at the fullest, measured on a batch of zeros: for inference, and for a step of training if it can train.

    By the framework's own counters: parameters, the optimizer's state and all that comes and goes, without what
    it keeps to use again.
    """

    net: str
    backend: str
    precision: str
    optimizer: str
    batch: int
    inference: int
    training: int | None = None

    @property
    def peaks(self) -> dict[str, int]:
        """By purpose."""
        return {"inference": self.inference} | ({} if self.training is None else {"training": self.training})

    def page(self) -> Page:
        update = "" if self.training is None else f", {self.optimizer}"
        title = f"{self.net}: memory used by {self.backend} at batch {self.batch:,}, {self.precision}{update}"
        facts = [Fact(purpose, f"{written(peak)} at its fullest") for purpose, peak in self.peaks.items()]
        counted = f"what {self.backend} counted while a batch of zeros ran; Python and NumPy are not in it"
        return Page(title, (Facts((*facts, Fact("counted as", counted))),))

    def to_dict(self) -> dict[str, Any]:
        """All of it in bytes."""
        names = ("net", "backend", "precision", "optimizer", "batch")
        found = {purpose: {"peak": peak} for purpose, peak in self.peaks.items()}
        return {"schema": Graph.schema, **{name: getattr(self, name) for name in names}, **found}
