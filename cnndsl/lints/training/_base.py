"""TrainingLint, the base of the lints that need the loss or the data, and what they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import Problem
from cnndsl.graph import Graph
from cnndsl.layers.base import Bounds
from cnndsl.lints import lints
from cnndsl.lints._allow import MARK, Allows
from cnndsl.lints.base import Lint
from cnndsl.record import Record


class Trained(Record):
    """How an output is trained: the loss, what it takes, and the range of the targets once they are there.

    It takes `values`, or scores that may be any numbers: of `classes` (a final softmax is left out), of
    `decisions` (a final sigmoid is left out), or just `scores`.
    """

    loss: str
    takes: str
    targets: Bounds | None = None

    @property
    def scored(self) -> bool:
        """Whether what it takes may be any numbers."""
        return self.takes != "values"


class Seen(Record):
    """What there is to see: the trained outputs by name and, once there is data, the ranges of the inputs by name.

    `spoken` is what messages call the array of an input.
    """

    outputs: Mapping[str, Trained]
    inputs: Mapping[str, Bounds] = {}
    spoken: Mapping[str, str] = {}


class TrainingLint(Lint):
    """Found by `judge`; it visits no layers, so that `check`, which sees neither loss nor data, finds nothing."""

    #: whether it needs the data, and so is for `fit`; else the loss is enough
    needs_data: ClassVar[bool] = False

    @classmethod
    def judge(cls, graph: Graph, seen: Seen) -> Iterable[Problem]:
        """Everywhere in a net, trained so, that the pattern stands."""
        raise NotImplementedError


def judged(graph: Graph, seen: Seen) -> list[Diagnostic]:
    """What the training lints find that is not allowed where it stands: by the loss, or if there is data by that."""
    rules = {rule: rule.severity for rule in lints("training")}
    allows = Allows(rules) if MARK in graph.source.text else None
    found = []
    for rule in rules:
        if issubclass(rule, TrainingLint) and rule.needs_data == bool(seen.inputs):
            for problem in rule.judge(graph, seen):
                diagnostic = problem.diagnostic()
                if not (allows and allows.silences(diagnostic)):
                    found.append(diagnostic)
    return found
