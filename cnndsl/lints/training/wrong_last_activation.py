"""W401: a last activation that does not go with the loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.layers.base import ANYTHING
from cnndsl.lints._walk import origins
from cnndsl.lints.base import Lint
from cnndsl.lints.training._base import Seen, TrainingLint


class WrongLastActivation(TrainingLint):
    """The last activation of an output and the loss that trains it do not go together.

    Why: `cross_entropy` takes any number for a class's score (logits), and makes probabilities of
    them itself; a final `softmax` is left out for it. `relu`, `sigmoid` or `tanh` on the scores
    cuts them: with values from 0 to 1 none of 10 classes gets more than 0.23. Squared error on a
    `softmax` has next to no gradient where the net is sure and wrong.

    Example:
        net Digits { input 784 ; fc(10) -> sigmoid }    # trained with loss="cross_entropy"

    Instead: for classes `fc(10) -> softmax` or `fc(10)` alone with `cross_entropy`; for numbers an
    activation that reaches all of them, or none, with `mse`.
    J. Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
    """

    code: ClassVar[str] = "W401"
    name: ClassVar[str] = "wrong_last_activation"
    title: ClassVar[str] = "`{path}` does not go with the loss `{loss}` of the output `{output}`"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "{advice}"

    path: str
    loss: str
    output: str
    why: str
    advice: str

    @classmethod
    def judge(cls, graph: Graph, seen: Seen) -> Iterable[Lint]:
        last = origins(graph, lambda node: not _arranges(node), _arranges)
        for name, trained in seen.outputs.items():
            node = last[graph.outputs[name]]
            softmax = node is not None and node.layer.distributes
            if node and softmax and not trained.logits:
                why = "where it is sure and wrong there is next to no gradient"
                advice = 'for classes take loss="cross_entropy" and labels; for numbers leave it out'
                yield cls(node.site, node.path, trained.loss, name, why, advice)
            scores = last[node.inputs[0]] if node and softmax else node
            if scores and trained.logits and scores.layer.family == "activation" and not scores.layer.distributes:
                low, high = scores.layer.between
                if (low, high) != ANYTHING:
                    limits = [f"never below {low:g}"] * (low > ANYTHING[0]) + [f"never above {high:g}"] * (
                        high < ANYTHING[1]
                    )
                    why = f"the scores are {' and '.join(limits)}"
                    advice = "leave it out: the scores of classes may be any numbers"
                    yield cls(scores.site, scores.path, trained.loss, name, why, advice)


def _arranges(node: Node) -> bool:
    """Whether a layer gives the same values, perhaps in another order."""
    return node.layer.transparent or (node.layer.family == "shape" and len(node.inputs) == 1)
