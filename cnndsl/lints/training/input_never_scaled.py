"""W402: pixels as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints._walk import unnormalized
from cnndsl.lints.base import Lint
from cnndsl.lints.training._base import Seen, TrainingLint

#: values from 0 up to more than this and at most 255 are taken for pixels
BRIGHT, WHITE = 16, 255


class InputNeverScaled(TrainingLint):
    """The examples are pixels from 0 to 255, and neither they nor the net bring them to about 0 to 1.

    Why: initial weights and learning rates are made for inputs of about that size. With values two
    hundred times as large the first steps throw the weights far away.

    Example:
        net Digits { input 28x28x1 ; conv(6, 5) -> relu ; flatten -> fc(10) }    # trained on 0 to 255

    Instead: `x / 255`, or `normalize(mean=127, std=64)` as the first layer.
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient backprop, 1998, section 4.3.
    """

    code: ClassVar[str] = "W402"
    name: ClassVar[str] = "input_never_scaled"
    needs_data: ClassVar[bool] = True
    title: ClassVar[str] = "`{array}` reaches {high:g}, and nets train best on inputs of about 0 to 1"
    label: ClassVar[str] = "goes to `{reader}` as it comes"
    help: ClassVar[str] = "for pixels: {array} / 255, or `normalize(mean=…, std=…)` as the first layer"

    array: str
    high: float
    reader: str

    @classmethod
    def judge(cls, graph: Graph, seen: Seen) -> Iterable[Lint]:
        raw = {source.number: reader for source, reader in unnormalized(graph)}
        for name, (low, high) in seen.inputs.items():
            number = graph.inputs[name]
            if low >= 0 and BRIGHT < high <= WHITE and number in raw:
                yield cls(graph.nodes[number].site, seen.spoken.get(name, name), high, raw[number].path)
