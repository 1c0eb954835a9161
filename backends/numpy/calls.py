"""Calls of NumPy with their arguments: made once where a plan predicts, or one after the other as they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
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


def seated(rules: Sequence[Rule[Any]], seats: int, meet: Callable[[int], None]) -> list[list[Call]]:
    """What each of some threads calls so that they run rules together, the first those that one alone runs.

    They meet before and after what several run: then all it reads is there, and nothing is read that it writes over.
    """
    found: list[list[Call]] = [[] for _ in range(seats)]

    def add(parts: list[list[Call]], apart: bool) -> bool:
        """`apart` says whether others than the first have not met it since they last did something."""
        several = any(parts[1:])
        for seat, (calls, part) in enumerate(zip(found, parts)):
            calls += [partial(meet, seat)] * (seats > 1 and (several or apart)) + part
        return several

    apart = False
    for rule in rules:
        nobody: list[list[Call]] = [[] for _ in range(seats - 1)]
        for parts in [list(rule.before()), *nobody], [_kept(rule, seat) for seat in range(seats)]:
            apart = add(parts, apart) if any(parts) else apart
    add([[] for _ in range(seats)], apart)
    return found


def _kept(rule: Rule[Any], seat: int) -> list[Call]:
    """What a thread calls for a rule; where there are too many calls, one that makes them anew in each run."""
    found = list(islice(rule.calls(seat), MOST + 1))
    return found if len(found) <= MOST else [lambda: run(rule.calls(seat))]
