"""Steps that training does within another: relu while what a batch normalization makes is still in the cache."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .rules.batchnorm import Batch
from .rules.rectifiers import Rectifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnndsl.schedule import Turn

    from .rules.base import Rule


def merge(turns: Sequence[Turn], rules: Sequence[Rule[Any]]) -> list[Rule[Any]]:
    """Tells normalizations what follows them, and gives the rules that have nothing left to do of their own.

    What follows stands in the same memory and is the only one to read what is between; a step that is run again for
    its gradient stays by itself.
    """
    readers = Counter(key for turn in turns for key in turn.inputs)
    makers = {turn.output: (turn, rule) for turn, rule in zip(turns, rules, strict=True)}
    found: list[Rule[Any]] = []
    for turn, rule in zip(turns, rules, strict=True):
        before, maker = makers.get(turn.inputs[0], (turn, rule))
        if not isinstance(rule, Rectifier) or not isinstance(maker, Batch) or rule.y.root is not maker.y.root:
            continue
        once = readers[before.output] == 1
        if once and ((turn.now, before.now) == (None, None) or _adjacent(turn, before)):
            maker.after = rule
            rule.y.until(before.now or 0)
            found.append(rule)
    return found


def _adjacent(turn: Turn, before: Turn) -> bool:
    """Whether both gradients come one after the other, of steps that run once."""
    both = turn.now is not None and before.now == turn.now + 1
    return both and not turn.again and not before.again
