"""Functions of each element whose derivative is known from their value, so that no input need be kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cnndsl.needs import Place
from cnndsl.program import Unary

from .. import channels
from ..calls import run
from .base import Rule, rule

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array, Buffer

PIECE = 1 << 13  # elements at a time: what a function makes in between stays in the cache
LONG = 1 << 17  # where next to nothing is made in between


SHARED = 1 << 18  # elements that several threads share


def pieces(size: int, piece: int = PIECE) -> Iterator[slice]:
    return (slice(start, min(start + piece, size)) for start in range(0, size, piece))


def rows(y: Array, piece: int = PIECE) -> Iterator[Array]:
    """The same of an array (positions, C), in whole rows."""
    return (y[part] for part in pieces(len(y), max(1, piece // y.shape[-1])))


class Function(Rule[Unary]):
    """y = f(x); dx = dy f'(x), where f'(x) is computed from y."""

    piece: ClassVar[int] = PIECE
    finishes: ClassVar[bool] = True
    #: the types of the rooms that `pull` works in; None for that of the values
    works_in: ClassVar[tuple[type | None, ...]] = (None,)
    reads_output: ClassVar[bool] = True
    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    #: what `differentiate` reads, y or what stands for it
    tells: Buffer

    def prepare(self, backward: bool) -> None:
        if backward:
            self.tells = self.y
            shape = (min(self.piece, self.y.size),)
            self.rooms = [self.workspace.backward_scratch(shape, kind) for kind in self.works_in]

    def calls(self, seat: int = 0) -> Iterator[Call]:
        seats = self.workspace.seats if self.y.size >= SHARED else 1
        if seat < seats:
            mine = channels.share(self.y.size, seat, seats)
            x, y = (buffer.array.reshape(-1)[mine] for buffer in (self.x[0], self.y))
            for part in pieces(y.size, self.piece):
                yield partial(self.apply, x[part], y[part])

    def forward(self) -> None:
        run(self.calls())

    def finish(self, y: Array, *others: Array) -> Iterator[Call]:
        for part in rows(y, self.piece):
            yield partial(self.apply, part, part)

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        y, dy, dx = (buffer.array.reshape(-1) for buffer in (self.tells, self.dy, self.dx[0]))
        for part in pieces(y.size, self.piece):
            rooms = [room.array[: part.stop - part.start] for room in self.rooms]
            self.pull(y[part], dy[part], dx[part], *rooms)

    def pull(self, y: Array, dy: Array, dx: Array, *rooms: Array) -> None:
        """Writes dx, which may be dy."""
        self.differentiate(y, rooms[0])
        np.multiply(dy, rooms[0], out=dx)

    def apply(self, x: Array, y: Array) -> None:
        """Writes f(x); both may be the same array."""
        raise NotImplementedError

    def differentiate(self, y: Array, slope: Array) -> None:
        """Writes dy/dx."""
        raise NotImplementedError


@rule(Unary, "multiply")
class Scaled(Rule[Unary]):
    """y = a x; dx = a dy."""

    places: ClassVar[Place] = Place.OVER
    places_gradient: ClassVar[Place] = Place.OVER

    def factor(self) -> float:
        return self.primitive.amounts[0]

    def forward(self) -> None:
        np.multiply(self.x[0].array, self.factor(), out=self.y.array)

    def backward(self) -> None:
        assert self.dx[0] is not None, "it has no parameters"
        np.multiply(self.dy.array, self.factor(), out=self.dx[0].array)


@rule(Unary, "negative")
class Negative(Scaled):
    """y = -x; dx = -dy."""

    def factor(self) -> float:
        return -1
