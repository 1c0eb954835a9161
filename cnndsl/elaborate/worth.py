"""What a claim is worth, and why one fails: both sides of each comparison, with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnndsl.claim import Faulty, Operation, Quantity, Term, Value
from cnndsl.elaborate.operators import ARITHMETIC, ORDER, arithmetic, compare, number
from cnndsl.elaborate.values import described, show
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.values import WrongType

#: gives the number of a quantity
Measure = Callable[[Quantity], Any]


def nothing(quantity: Quantity) -> Any:
    """The measure where there are no quantities."""
    raise AssertionError(quantity)


def worth(term: Term, measure: Measure = nothing) -> Any:
    """The value of a claim or a part of it. Raises Refused with what is wrong in it."""
    if isinstance(term, Value):
        return term.value
    if isinstance(term, Faulty):
        raise Refused(term.problem)
    if isinstance(term, Quantity):
        return measure(term)
    assert isinstance(term, Operation)
    sign, parts = term.sign, term.parts
    if sign in ("and", "or"):
        first = truth(parts[0], measure)
        return first if first is (sign == "or") else truth(parts[1], measure)
    if sign == "not":
        return not truth(parts[0], measure)
    one = worth(parts[0], measure)
    if len(parts) == 1:
        return one if sign == "+" else -number(one, parts[0].span, "`-`")
    other = worth(parts[1], measure)
    if sign in ARITHMETIC:
        return arithmetic(sign, one, other, term.span, parts[0].span, parts[1].span)
    return compare(sign, one, other, term.span)


def truth(term: Term, measure: Measure = nothing) -> bool:
    """A part that must be true or false."""
    value = worth(term, measure)
    if not isinstance(value, bool):
        what = "a condition is true or false"
        where = Site(term.span)
        raise Refused(WrongType(where, what=what, value=described(value), advice="compare it: `x == 0`"))
    return value


def failures(term: Term, measure: Measure = nothing) -> Iterator[str]:
    """Why a claim that is false is false: a sentence for each comparison that decides it."""
    if isinstance(term, Operation) and term.sign == "and":
        for part in term.parts:
            if not truth(part, measure):
                yield from failures(part, measure)
                return
    elif isinstance(term, Operation) and term.sign == "or":
        for part in term.parts:
            yield from failures(part, measure)
    elif isinstance(term, Operation) and len(term.parts) == 2 and term.sign not in ARITHMETIC:
        yield _compared(term, measure)
    elif isinstance(term, Operation) and term.sign == "not":
        yield f"`{term.parts[0].span.text}` is true"
    else:
        yield f"`{term.span.text}` is false"


def _compared(term: Operation, measure: Measure) -> str:
    """`params` is 25,557,032, which is 20,557,032 more than `5M`."""
    left, right = term.parts
    one, other = worth(left, measure), worth(right, measure)
    if term.sign in ORDER and isinstance(one, int | float) and isinstance(other, int | float):
        below = term.sign[0] == "<"
        if _literal(left, one) and not _literal(right, other):
            left, right, one, other, below = right, left, other, one, not below
        if one == other:
            return f"{_named(left, one)}, which is not {'below' if below else 'above'} {_limit(right, other)}"
        amount = f"{shown(abs(one - other))} {'more' if below else 'less'} than"
        return f"{_named(left, one)}, which is {amount} {_limit(right, other)}"
    if term.sign == "!=":
        return f"both `{left.span.text}` and `{right.span.text}` are {shown(one)}"
    return f"{_named(left, one)}, not {_limit(right, other, '')}"


def _named(term: Term, value: Any) -> str:
    return shown(value) if _literal(term, value) else f"`{term.span.text}` is {shown(value)}"


def _limit(term: Term, value: Any, quote: str = "`") -> str:
    if _literal(term, value):
        return f"{quote}{term.span.text}{quote}"
    return f"`{term.span.text}` ({shown(value)})"


def _literal(term: Term, value: Any) -> bool:
    """Whether the text of a part is its value already."""
    return term.span.text[:1].isdigit() or term.span.text[:1] == '"' or term.span.text == show(value)


def shown(value: Any) -> str:
    """A value in a sentence: whole numbers with separators of thousands."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if whole else f"{value:,.6g}" if isinstance(value, float) else show(value)
