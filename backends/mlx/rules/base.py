"""What a rule is given, and the table that it enters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import mlx.core as mx

from cnndsl.program import Primitive

Array: TypeAlias = mx.array


class Run:
    """One evaluation of a program: everything that a rule reads beside its inputs.

    `parameters` are all arrays by name. `past` is how many training steps went before (uint32, shape ()):
    with the seed it is the random state, and given only while training. `statistics` receives the new
    running ones. `shape` is that of the output of the step at hand, without the batch.
    """

    def __init__(self, parameters: Mapping[str, Array], *, gpu: bool, seed: int = 0, past: Array | None = None) -> None:
        self.parameters = parameters
        self.gpu = gpu
        self.seed = seed
        self.past = past
        self.statistics: dict[str, Array] = {}
        self.shape: tuple[int, ...] = ()

    @property
    def training(self) -> bool:
        return self.past is not None

    def statistic(self, name: str) -> Array:
        """A running statistic as it is now: a layer used twice goes on from its first update."""
        return self.statistics.get(name, self.parameters[name])


Rule = Callable[..., Array]  # (primitive, run, *inputs) -> output
TABLE: dict[tuple[type[Primitive], str], Rule] = {}


def rule(primitive: type[Primitive], function: str = "") -> Callable[[Rule], Rule]:
    """Enters a rule for a primitive, or for one function of it (`Unary`, "relu")."""

    def enter(found: Rule) -> Rule:
        TABLE[primitive, function] = found
        return found

    return enter
