"""The largest batch that fits into so much memory."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.bytes import written
from cnndsl.analysis.shown import Fact, Facts, Page, Shown
from cnndsl.analysis.usage import Usage, place
from cnndsl.graph import Graph


class Fits(Shown):
    """The largest batches that fit into `room` bytes, 0 where not even one example does.

    `usages` are those of inference and of training, `given` is how the room was written.
    """

    net: str
    setting: str
    given: str
    room: int
    usages: tuple[Usage, Usage]

    @property
    def inference(self) -> int:
        return self.usages[0].largest(self.room)

    @property
    def training(self) -> int:
        return self.usages[1].largest(self.room)

    @property
    def title(self) -> str:
        """What the numbers are for: `the largest batch in 16GB, float32, adam, cross_entropy`."""
        return f"the largest batch in {self.given}, {self.setting}"

    def page(self) -> Page:
        return Page(f"{self.net}: {self.title}", (Facts(self.facts()),))

    def facts(self) -> tuple[Fact, ...]:
        return tuple(Fact(usage.purpose, self._sentence(usage)) for usage in self.usages)

    def _sentence(self, usage: Usage) -> str:
        batch = usage.largest(self.room)
        need = f"{written(usage.fixed)} whatever the batch and {written(usage.example)} for each example"
        limit = f"most is in memory at {place(usage.peak.moment)}"
        if not batch:
            return f"not even one example: it needs {need}; {limit}"
        left = self.room - usage.fixed - batch * usage.example
        return f"batch {batch:,}: {need}, {written(left)} of {written(self.room)} are left; {limit}"

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"schema": Graph.schema, "net": self.net, "room": self.room}
        for usage in self.usages:
            peak = usage.peak.moment
            found[usage.purpose] = {
                "batch": usage.largest(self.room),
                "fixed": usage.fixed,
                "example": usage.example,
                "phase": peak.phase,
                "path": peak.path,
            }
        return found
