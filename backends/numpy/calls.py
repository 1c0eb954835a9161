"""Calls of NumPy with their arguments: made once where a plan predicts, or one after the other as they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rules.base import Rule

Call = Callable[[], object]
MOST = 40  # calls of a step that are kept: of more each has so much to do that making it anew does not count


def run(calls: Iterable[Call]) -> None:
    """Makes each call before the next is asked for."""
    for call in calls:
        call()


def kept(rule: Rule[Any]) -> list[Call]:
    """What a rule's run forward calls; that run itself where there are too many."""
    found = list(islice(rule.calls(), MOST + 1))
    return found if len(found) <= MOST else [rule.forward]
