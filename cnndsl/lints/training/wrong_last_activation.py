"""W401: a last activation that does not go with the loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph, Node
from cnndsl.layers.base import ANYTHING
from cnndsl.lints._walk import origins
from cnndsl.lints.base import Lint
from cnndsl.lints.training._base import Seen, Trained, TrainingLint


class WrongLastActivation(TrainingLint):
    """The last activation of an output and the loss that trains it do not go together.

    Why: `cross_entropy` takes any number for a class's score (logits), and makes probabilities of
    them itself; a final `softmax` is left out for it. `relu`, `sigmoid` or `tanh` on the scores
    cuts them: with values from 0 to 1 none of 10 classes gets more than 0.23. So it is with
    `binary_cross_entropy` and a final `sigmoid`, and `hinge` wants scores and no activation at all.
    Squared error on a `softmax` has next to no gradient where the net is sure and wrong.

    Example:
        net Digits { input 784 ; fc(10) -> sigmoid }    # trained with loss="cross_entropy"

    Instead: for classes `fc(10) -> softmax` or `fc(10)` alone with `cross_entropy`; for yes or no
    `fc(1) -> sigmoid` or `fc(1)` alone with `binary_cross_entropy`; for numbers an activation that
    reaches all of them, or none, with `mse`.
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
            left_out = node and {"classes": node.layer.distributes, "decisions": node.layer.decides}.get(trained.takes)
            scores = last[node.inputs[0]] if node and left_out else node
            found = scores and (_shares(scores, trained) or _cut(scores, trained))
            if scores and found:
                yield cls(scores.site, scores.path, trained.loss, name, *found)


def _shares(node: Node, trained: Trained) -> tuple[str, str] | None:
    """Why shares of 1 do not go with a loss, and what to do; None where they do or there are none."""
    if not node.layer.distributes:
        return None
    if trained.takes == "decisions":
        why = "the classes share 1 among them, so that no two of them can be a yes"
        return why, 'for a yes or no each take `sigmoid`; for one class of several loss="cross_entropy"'
    if trained.takes == "scores":
        return "the scores of two classes never differ by more than 1", "leave it out: the scores may be any numbers"
    why = "where it is sure and wrong there is next to no gradient"
    return (
        None if trained.scored else (why, 'for classes take loss="cross_entropy" and labels; for numbers leave it out')
    )


def _cut(node: Node, trained: Trained) -> tuple[str, str] | None:
    """Why limited scores do not go with a loss, and what to do; None where they are not limited."""
    low, high = node.layer.between
    if not trained.scored or node.layer.family != "activation" or (low, high) == ANYTHING or node.layer.distributes:
        return None
    limits = [f"never below {low:g}"] * (low > ANYTHING[0]) + [f"never above {high:g}"] * (high < ANYTHING[1])
    return f"the scores are {' and '.join(limits)}", "leave it out: the scores of classes may be any numbers"


def _arranges(node: Node) -> bool:
    """Whether a layer gives the same values, perhaps in another order."""
    return node.layer.transparent or (node.layer.family == "shape" and len(node.inputs) == 1)
