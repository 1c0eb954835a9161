"""How much may be computed for a page, and what of a large net is looked at within that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from cnndsl.analysis.cost import cost

if TYPE_CHECKING:
    from cnndsl.graph import Graph

#: multiply-accumulates that one way to look may take, some seconds of a processor
WORK = 4_000_000_000
T = TypeVar("T")


def runs(graph: Graph) -> int:
    """How many examples may go through the net for one way to look; 0 where its work is not known."""
    macs = cost(graph).macs
    return 0 if macs is None else WORK // max(macs, 1)


def spread(items: Sequence[T], count: int) -> list[T]:
    """So many of the items, evenly spread; all if there are no more."""
    count = min(count, len(items))
    return [items[(2 * number + 1) * len(items) // (2 * count)] for number in range(count)]
