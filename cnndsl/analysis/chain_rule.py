"""The lines of a derivation about the receptive field: r2 = r + D(F - 1) j, j2 = j S."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnndsl.analysis.amounts import fraction, numbers, sizes
from cnndsl.analysis.receptive_field import ReceptiveField
from cnndsl.layers.derive import Step
from cnndsl.layers.window import Window

FIELD, JUMP = "receptive field", "jump"


def chained(before: ReceptiveField, after: ReceptiveField, windows: Sequence[Window]) -> Iterator[Step]:
    """The field and the jump of a layer behind another one; with the rule if it has a window, equal on all axes."""
    slides = {(window.dilation, window.kernel, window.stride) for window in windows}
    if len(slides) == 1 and len(after.inputs) == 1:
        ((dilation, kernel, stride),) = slides
        size, jump = before.size, before.jump
        # Joins and what enlarges may have made fields of several sizes, for which the rule is no single line.
        one = isinstance(size, int) and jump is not None and not isinstance(jump, tuple) and not before.whole
        if one and after.size == size + dilation * (kernel - 1) * jump:
            steps = f"{size} + {dilation}*({kernel} - 1)*{fraction(jump)}"
            yield Step(FIELD, "r + D(F - 1) j", steps, after.size)
            yield Step(JUMP, "j S", f"{fraction(jump)} x {stride}", fraction(after.jump))
            return
    for name, axes in after.inputs.items():
        of = f", of {name}" if len(after.inputs) > 1 else ""
        yield Step(FIELD + of, sizes(axes))
        if jumps := numbers(axis.jump for axis in axes):
            yield Step(JUMP + of, jumps)
