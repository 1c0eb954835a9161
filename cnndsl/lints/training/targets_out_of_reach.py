"""W403: targets that the last layers cannot give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints._walk import bounds
from cnndsl.lints.base import Lint
from cnndsl.lints.training._base import Seen, TrainingLint

#: how far targets may lie outside, as a part of their range: rounding is no mistake
SLACK = 1e-3


class TargetsOutOfReach(TrainingLint):
    """The targets of an output lie beyond what its last layers can give.

    Why: `relu` gives nothing below 0, `sigmoid` nothing outside 0 to 1, `tanh` nothing outside -1
    to 1. What lies beyond is never reached, and the error there never vanishes.

    Example:
        net Degrees { input 10 ; fc(1) -> sigmoid }    # trained with loss="mse" on -20 to 40

    Instead: no activation at the end, or targets scaled to what it gives.
    """

    code: ClassVar[str] = "W403"
    name: ClassVar[str] = "targets_out_of_reach"
    needs_data: ClassVar[bool] = True
    title: ClassVar[str] = (
        "the targets of `{output}` go from {low:g} to {high:g}, its values from {least:g} to {most:g}"
    )
    label: ClassVar[str] = "the end of `{output}`"
    help: ClassVar[str] = "leave the last activation out, or bring the targets to {least:g} to {most:g}"

    output: str
    low: float
    high: float
    least: float
    most: float

    @classmethod
    def judge(cls, graph: Graph, seen: Seen) -> Iterable[Lint]:
        found = bounds(graph)
        for name, trained in seen.outputs.items():
            number = graph.outputs[name]
            least, most = found[number]
            if trained.targets and not trained.scored:
                low, high = trained.targets
                slack = SLACK * (high - low)
                if low < least - slack or high > most + slack:
                    yield cls(graph.nodes[number].site, name, low, high, least, most)
