"""Batch normalization folded into the map before it: in inference the two are one map with other numbers.

With a channel's running mean m and variance v, its factor f and its offset o,

    f (w x + b - m) / sqrt(v + eps) + o = (s w) x + ((b - m) s + o)    where s = f / sqrt(v + eps)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from cnndsl.program import BatchNorm, Convolve, Program, Step
from cnndsl.record import Record


class Fold(Record):
    """A map and the normalization behind it, and what the weight and the bias are called that they have together."""

    of: Any
    norm: BatchNorm
    weight: str
    bias: str

    @property
    def rows(self) -> tuple[int, ...] | None:
        """The filter that each row of the weight belongs to; None where row k is all of filter k."""
        if not isinstance(self.of, Convolve) or not self.of.connect:
            return None
        return tuple(filter for filter, seen in enumerate(self.of.connect) for _ in seen)

    def line(self, known: Callable[[str], Any], xp: Any) -> tuple[Any, Any]:
        """The slope s and the bias of each filter; `known` gives arrays by name and `xp` has `sqrt`."""
        norm = self.norm
        slope = 1 / xp.sqrt(known(norm.variance) + norm.eps)
        if norm.factor:
            slope = slope * known(norm.factor)
        level = -known(norm.mean) if self.of.bias is None else known(self.of.bias) - known(norm.mean)
        bias = level * slope
        return slope, bias + known(norm.offset) if norm.offset else bias


def folded(program: Program) -> tuple[Program, tuple[Fold, ...]]:
    """The program for inference, whose steps name arrays that `Fold`s make of the parameters, and those.

    Folded is what nothing but one normalization reads; of a layer that is used again each use is looked at by itself.
    """
    reads = Counter(value.number for step in program.steps for value in step.inputs)
    reads.update(value.number for value in (*program.outputs.values(), *program.losses))
    makers = {step.output.number: step for step in program.steps if step.primitive.scalable}
    folds: dict[tuple[str, str | None, BatchNorm], Fold] = {}
    merged: dict[int, Step] = {}  # by the number of the value between the two
    for step in program.steps:
        maker = makers.get(step.inputs[0].number)
        if maker and isinstance(step.primitive, BatchNorm) and reads[maker.output.number] == 1:
            of: Any = maker.primitive
            key, name = (of.weight, of.bias, step.primitive), f"{maker.path}+{step.path}#{len(folds)}"
            fold = folds.setdefault(key, Fold(of, step.primitive, f"{name}.weight", f"{name}.bias"))
            both = of.replace(weight=fold.weight, bias=fold.bias)
            merged[maker.output.number] = maker.replace(primitive=both, output=step.output)
    made = {step.output.number for step in merged.values()}
    steps = tuple(merged.get(step.output.number, step) for step in program.steps if step.output.number not in made)
    return program.replace(steps=steps), tuple(folds.values())
