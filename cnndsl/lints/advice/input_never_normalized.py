"""W318: an input that is taken as it comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.graph import Graph
from cnndsl.lints._walk import unnormalized
from cnndsl.lints.base import Advice, Lint


class InputNeverNormalized(Advice):
    """An input reaches a learned layer without a normalization before or directly behind that layer.

    Why: initial weights and learning rates are made for inputs of mean 0 and variance 1. Pixels from
    0 to 255 are a thousand times too large for them; a mean far from 0 makes the weights of a unit
    rise and fall together. It is no fault if whoever feeds the net does it: then the net does not
    show it.

    Example:
        net Raw { input 32x32x3 ; conv(16, 3) -> relu }

    Instead: the data's numbers in the net, `normalize(mean=(0.49, 0.48, 0.45), std=(0.25, 0.24,
    0.26))`, or `batchnorm` behind the first layer.
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient backprop, 1998, section 4.3.
    """

    code: ClassVar[str] = "W318"
    name: ClassVar[str] = "input_never_normalized"
    title: ClassVar[str] = "nothing brings `{input}` to mean 0 and variance 1"
    label: ClassVar[str] = "goes to `{reader}` as it comes"
    help: ClassVar[str] = "write `normalize(mean=…, std=…)` behind it, or see to it where the data is made"

    input: str
    reader: str

    @classmethod
    def check(cls, graph: Graph) -> Iterable[Lint]:
        for source, reader in unnormalized(graph):
            yield cls(source.site, source.path, reader.path)
