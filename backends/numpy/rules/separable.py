"""What is done to one spatial axis after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from cnndsl.program import Primitive
from cnndsl.record import Record

from .. import channels
from ..axes import along
from .base import Rule

if TYPE_CHECKING:
    from ..memory import Array, Buffer

P = TypeVar("P", bound=Primitive)


class Stage(Protocol):
    """What is done to one axis."""

    def forward(self, x: Array, y: Array) -> None: ...

    def backward(self, dx: Array, dy: Array) -> None: ...


class Separable(Rule[P]):
    """The stages of a step, one for each spatial axis whose extent changes, the last axis first."""

    def prepare(self, backward: bool) -> None:
        self.stages: list[Stage] = []
        shape = self.x[0].shape
        shapes = [shape]
        for number in range(len(shape) - 2, 0, -1):
            if shape[number] != self.y.shape[number]:
                self.stages.append(self.stage(number, shape, backward))
                shape = (*shape[:number], *self.y.shape[number:])
                shapes.append(shape)
        self.between_forward = [self.workspace.forward_scratch(each) for each in shapes[1:-1]]
        self.between_backward = [self.workspace.backward_scratch(each) for each in shapes[1:-1]] if backward else []

    def stage(self, number: int, shape: tuple[int, ...], backward: bool) -> Stage:
        """What is done to axis `number` of an array of the given shape."""
        raise NotImplementedError

    def forward(self) -> None:
        if not self.stages:
            np.copyto(self.y.array, self.x[0].array)
        for stage, (x, y) in zip(self.stages, self.pairs(self.x[0], self.between_forward, self.y)):
            stage.forward(x, y)

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        if not self.stages:
            np.copyto(self.dx[0].array, self.dy.array)
        pairs = self.pairs(self.dx[0], self.between_backward, self.dy)
        for stage, (dx, dy) in zip(reversed(self.stages), reversed(pairs)):
            stage.backward(dx, dy)

    def pairs(self, first: Buffer, between: list[Buffer], last: Buffer) -> list[tuple[Array, Array]]:
        """What goes into each stage and what comes out of it."""
        return list(pairwise(buffer.array for buffer in (first, *between, last)))


class Link(Record):
    """Some outputs, each with an input of its own and a weight (an array that broadcasts)."""

    outputs: Any
    inputs: Any
    weights: Any


class Sampling:
    """Each output is a weighted sum of inputs: y[i] = sum over t of weights[t][i] x[indices[t][i]].

    Backward the sum is taken apart into links, in which no input occurs twice. Arrays are looked at as (before,
    axis, behind), in pieces that are small, as there are some more like them on the way.
    """

    def __init__(self, shape: tuple[int, ...], number: int, indices: Array, weights: Array) -> None:
        self.before, self.behind = prod(shape[:number]), prod(shape[number + 1 :])
        longest = max(shape[number], indices.shape[1]) * weights.itemsize
        rows = list(channels.pieces(self.behind, longest, channels.MADE))
        widest = max((part.stop - part.start for part in rows), default=0)
        self.pieces = [
            (lead, slice(None), part)
            for lead in channels.pieces(self.before, longest * widest, channels.MADE)
            for part in rows
        ]
        self.terms = [(index, weight[:, None]) for index, weight in zip(indices, weights)]
        self.links = [link for index, weight in self.terms for link in self._links(index, weight)]

    def _links(self, index: Array, weights: Array) -> list[Link]:
        """The outputs for which their input occurs for the first time, the second time, and so on."""
        order = np.argsort(index, kind="stable")
        rising = index[order]
        times = np.empty(len(index), np.int64)
        times[order] = np.arange(len(index)) - np.searchsorted(rising, rising)
        found = []
        for time in range(int(times.max(initial=-1)) + 1):
            outputs = np.flatnonzero((times == time) & (weights[:, 0] != 0))
            found.append(Link(along(1, regular(outputs)), along(1, regular(index[outputs])), weights[outputs]))
        return found

    def parts(self, x: Array, y: Array) -> Iterator[tuple[Array, Array]]:
        """Arrays like x and y in pieces."""
        inputs, outputs = (array.reshape(self.before, -1, self.behind) for array in (x, y))
        return ((inputs[piece], outputs[piece]) for piece in self.pieces)

    def forward(self, x: Array, y: Array) -> None:
        (first, share), *others = self.terms
        for inputs, outputs in self.parts(x, y):
            np.take(inputs, first, axis=1, out=outputs, mode="clip")
            if others:
                outputs *= share
            for index, weight in others:
                outputs += np.take(inputs, index, axis=1) * weight

    def backward(self, dx: Array, dy: Array) -> None:
        dx.fill(0)
        for inputs, outputs in self.parts(dx, dy):
            for link in self.links:
                inputs[link.inputs] += outputs[link.outputs] * link.weights


def regular(places: Array) -> Any:
    """A slice where the places rise evenly: no copy is made to take them."""
    steps = np.diff(places)
    if len(places) and (steps == (steps[:1] if len(steps) else 1)).all() and (steps > 0).all():
        return slice(int(places[0]), int(places[-1]) + 1, int(steps[0]) if len(steps) else 1)
    return places
