"""Way, the base: one way to compute a convolution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, TypeVar

from .. import channels

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Buffer
    from ..rules.convolution import Convolution

P = TypeVar("P")
WORTH = 100_000  # ns that a convolution takes at least for threads to share it: they wait for each other afterwards
PRODUCT = 0.022  # ns for a multiplication and an addition within a matrix product
COPIED = 0.8  # ns for a number that is copied to where a product can be made of it


class Way:
    """How a convolution is computed. The `calls` write y, bias and all that `step.finishing` does included.

    `backward` writes the gradients of the weights and of the input, each where it is asked for; the bias's is not
    its business.
    """

    def __init__(self, step: Convolution, backward: bool) -> None:
        self.step = step
        self.seats = step.workspace.seats if self.cost(step, False) >= WORTH else 1

    @classmethod
    def all(cls) -> Iterator[type[Way]]:
        """All subclasses that can be used as they are."""
        for kind in cls.__subclasses__():
            yield kind
            yield from kind.all()

    @classmethod
    def suits(cls, step: Convolution) -> bool:
        """Whether a step can be computed in this way."""
        raise NotImplementedError

    @classmethod
    def cost(cls, step: Convolution, backward: bool) -> float:
        """About how many nanoseconds it takes in one thread: a table that is the same on every machine."""
        raise NotImplementedError

    def rooms(self, *sizes: int) -> list[list[Buffer]]:
        """Memory for the run forward, for each thread."""
        return [[self.step.workspace.forward_scratch((size,)) for size in sizes] for _ in range(self.seats)]

    def mine(self, parts: Sequence[P], seat: int) -> Sequence[P]:
        """The parts that one of the threads computes."""
        return parts[channels.share(len(parts), seat, self.seats)]

    def before(self) -> Iterator[Call]:
        """As `Rule.before`."""
        yield from ()

    def calls(self, seat: int) -> Iterator[Call]:
        """The run forward in one of `seats` threads, as `Rule.calls`."""
        raise NotImplementedError

    def backward(self) -> None:
        raise NotImplementedError


def products(step: Convolution) -> int:
    """The multiplications that the definition takes."""
    return step.y.size * prod(step.weight.shape[1:])
