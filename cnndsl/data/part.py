"""Part: examples with their targets, handed out in blocks; what every format of data comes down to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnndsl.data.normalization import Normalization
from cnndsl.data.share import WHOLE, Share
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.data.examples import Chosen
    from cnndsl.data.visit import Visit


class Block(Record):
    """Some examples as a net takes them: an array, or arrays by name, of inputs and of targets, and their numbers."""

    x: Any
    y: Any
    numbers: Chosen


class Part(ABC):
    """Training, validation or test examples. Two kinds: `Examples`, read by number, and `Batches`, which come."""

    name: str = "data"
    class_names: tuple[str, ...] = ()
    #: how raw values became what `blocks` gives
    normalization: Normalization = Normalization()
    #: whether it is read while it is used: ahead of time, on a thread, and checked as it comes
    slow: bool = False

    @abstractmethod
    def __len__(self) -> int:
        """How many examples there are; 0 if that is not known before they are read."""

    @abstractmethod
    def steps(self, size: int) -> int:
        """How many blocks a pass has; 0 if that is not known."""

    @abstractmethod
    def blocks(self, size: int, visit: Visit | None = None, first: int = 0, share: Share = WHOLE) -> Iterator[Block]:
        """One pass, `size` examples at a time, from block number `first` on; without a visit as they lie.

        Of each block only a share is read, which may be empty, where that can be known before it is read.
        """

    def report(self) -> None:  # noqa: B027 (most have nothing to tell)
        """After a pass, in the caller's thread: warns of what was left out of it."""

    def whole(self) -> tuple[Any, Any]:
        """All examples (N, *shape) and their targets, in memory."""
        import numpy as np

        blocks = list(self.blocks(1024))
        return np.concatenate([block.x for block in blocks]), np.concatenate([block.y for block in blocks])

    def __iter__(self) -> Iterator[Any]:
        """Unpacks into all examples and their targets: `x, y = data.test`."""
        return iter(self.whole())
