"""Batches: a part that comes from any Python iterable of pairs, in its own order and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.part import Block, Part
from cnndsl.data.share import WHOLE, Share
from cnndsl.diagnostic import CnnError
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import DataFailed, NoBatches, NotBatches

if TYPE_CHECKING:
    from cnndsl.data.visit import Visit


class Batches(Part):
    """What `source` gives each time it is gone through (or called): pairs of examples and targets.

    A list, a data loader, or a function that makes a generator anew for every epoch. They keep
    their own sizes and their own order. With `inputs_only` an item may be the examples alone.
    """

    slow = True

    def __init__(
        self, source: Iterable[Any] | Callable[[], Iterable[Any]], name: str = "data", inputs_only: bool = False
    ) -> None:
        self.source, self.name, self.inputs_only = source, name, inputs_only

    def __len__(self) -> int:
        return 0

    def steps(self, size: int) -> int:
        return len(self.source) if isinstance(self.source, Sized) else 0

    def blocks(self, size: int, visit: Visit | None = None, first: int = 0, share: Share = WHOLE) -> Iterator[Block]:
        """The batches from number `first` on; those before are gone through. Raises CnnError (E519, E520, E551)."""
        seen, number = 0, -1
        for number, batch in enumerate(self._guarded()):
            x, y = self._pair(batch, number)
            count = _length(x)
            if number >= first:
                yield Block(x, y, np.arange(seen, seen + count))
            seen += count
        if number < 0:
            again = iter(self.source) is self.source if isinstance(self.source, Iterable) else False
            raise NoBatches(NOWHERE, self.name, again).error()

    def _guarded(self) -> Iterator[Any]:
        """What the user's iterable gives; what it raises becomes a diagnostic."""
        try:
            yield from self.source if isinstance(self.source, Iterable) else self.source()
        except CnnError:
            raise
        except Exception as error:
            raise DataFailed(NOWHERE, self.name, type(error).__name__, str(error)).error() from error

    def _pair(self, batch: Any, number: int) -> tuple[Any, Any]:
        if isinstance(batch, tuple | list) and len(batch) == 2:
            return batch[0], batch[1]
        if self.inputs_only:
            return batch, None
        shown = f"{len(batch)} items" if isinstance(batch, tuple | list) else f"a {type(batch).__name__}"
        raise NotBatches(NOWHERE, self.name, number, shown).error()

    def __repr__(self) -> str:
        return f"Batches({self.name})"


def _length(x: Any) -> int:
    """How many examples a batch has, by its first input."""
    first = next(iter(x.values()), ()) if isinstance(x, dict) else x
    return len(first) if hasattr(first, "__len__") else 0
