"""W321: a frozen layer that is given what changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Label
from cnndsl.graph import Graph, Node
from cnndsl.lints.base import Advice, Lint
from cnndsl.source import Span


class FrozenAfterTrained(Advice):
    """A frozen layer stands behind one that is trained.

    Why: it was trained on what the layer before it gave then, and that changes now while it cannot
    follow; gradients are computed through it for the layer before. A loss network (J. Johnson, A.
    Alahi and L. Fei-Fei, 2016) or an adapter before a pretrained net wants just that; with
    `freeze=true` on the wrong layer it is a mistake.

    Example:
        net Mixed { input 32x32x3 ; conv(16, 3) -> relu -> conv(32, 3, freeze=true) -> relu }

    Instead: freeze from the input on, up to the layer where training begins
    (`VGG16(until=pool5, freeze=true)`).
    J. Yosinski et al., How transferable are features in deep neural networks?, 2014.
    """

    code: ClassVar[str] = "W321"
    name: ClassVar[str] = "frozen_after_trained"
    title: ClassVar[str] = "`{path}` is frozen, `{trained}` before it is trained"
    label: ClassVar[str] = "cannot follow what changes before it"
    help: ClassVar[str] = "freeze `{trained}` too, or train both"

    path: str
    trained: str
    place: Span | None

    def labels(self) -> Iterable[Label]:
        yield from super().labels()
        if self.place and self.place != self.where.span:
            yield Label(self.place, "is trained")

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        frozen = {node.path for node in graph.nodes if node.frozen}
        trained: list[Node | None] = []  # the learned layer before or at a node, if it is trained
        for node in graph.nodes:
            before = next((found for number in node.inputs if (found := trained[number])), None)
            if node.layer.learns and node.owner in frozen and before:
                yield cls(node.site, node.path, before.path, before.site.span)
            fixed = node.owner in frozen or (node.layer.given and not node.thawed)
            trained.append((None if fixed else node) if node.layer.learns else before)
