"""What is done to the results of products while they are in the cache: the bias, other values added, an activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from . import channels

if TYPE_CHECKING:
    from .calls import Call
    from .memory import Array
    from .rules.base import Rule

EVERY = slice(None)


class Finish:
    """y = f(… (y + bias) …) for some positions of a rule's output; `rule.tail` are the steps behind it."""

    def __init__(self, rule: Rule[Any], name: str | None) -> None:
        self.rule = rule
        self.vector: Callable[[], Array] | None = None
        if name:
            vector = rule.workspace.parameter(name)
            write, shape = partial(channels.spread, vector), (channels.repeats(vector.size) * vector.size,)
            self.vector = rule.workspace.constant(f"{name} tiled", shape, write)

    def bias(self, y: Array) -> Iterator[Call]:
        """Adds it to a contiguous array (…, C)."""
        if self.vector is not None:
            yield from channels.calls(np.add, y, self.vector(), out=y)

    def tail(self, part: slice, filters: slice = EVERY) -> Iterator[Call]:
        """What comes behind, for the positions `part` of some filters."""
        buffers = self.rule.y, *self.rule.x[1:]
        y, *others = (buffer.array.reshape(-1, buffer.shape[-1])[part, filters] for buffer in buffers)
        for step, many in self.rule.tail:
            yield from step.finish(y, *others[:many])
            del others[:many]

    def __call__(self, part: slice, filters: slice = EVERY) -> Iterator[Call]:
        """All of it."""
        depth = self.rule.y.shape[-1]
        y = self.rule.y.array.reshape(-1, depth)[part, filters]
        if filters == EVERY:
            yield from self.bias(y)
        elif self.vector is not None:
            yield partial(np.add, y, self.vector()[:depth][filters], out=y)
        yield from self.tail(part, filters)
