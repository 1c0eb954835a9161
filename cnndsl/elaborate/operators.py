"""Operators and builtin functions on values, each bounded before it is computed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from cnndsl.elaborate.values import OPEN, Ref, Series, described
from cnndsl.errors.base import Problem, Refused, Site
from cnndsl.errors.limits import MAX_BITS, MAX_COUNT, MAX_VALUES, TooLarge
from cnndsl.errors.values import BadArithmetic, WrongType
from cnndsl.program import Start
from cnndsl.source import Span

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
AGGREGATES: dict[str, Callable[[Any], Any]] = {"min": min, "max": max, "sum": sum}
ROUNDING: dict[str, Callable[[Any], int]] = {"int": int, "ceil": math.ceil, "floor": math.floor, "round": round}
#: initializers by name; `normal` and `uniform` are functions of their amount
STARTS = {
    "he": Start("he"),
    "glorot": Start("glorot"),
    "lecun": Start("lecun"),
    "orthogonal": Start("orthogonal"),
    "zeros": Start("constant", 0.0),
    "ones": Start("constant", 1.0),
}


def refuse(problem: Problem) -> Any:
    raise Refused(problem)


def number(value: Any, span: Span, what: str) -> int | float:
    """A number, or an error that says what needed one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        advice = f"{what} takes numbers"
        if value is OPEN:
            advice = "fix the input's size: in the source, or with `--input 224x224x3`"
        refuse(WrongType(Site(span), what=f"{what} needs a number", value=described(value), advice=advice))
    return value  # type: ignore[no-any-return]


def arithmetic(name: str, left: Any, right: Any, span: Span, left_span: Span, right_span: Span) -> Any:
    """`left name right` for numbers. `/` gives a decimal, `//` floors.

    Raises Refused: BadArithmetic without a result, TooLarge beyond 4,096 bits.
    """
    one = number(left, left_span, f"`{name}`")
    other = number(right, right_span, f"`{name}`")
    if name == "**" and isinstance(one, int) and isinstance(other, int) and _bits(one, other) > MAX_BITS:
        too_large(span)
    try:
        return bounded(ARITHMETIC[name](one, other), span)
    except ZeroDivisionError:
        why = "0 to a negative power" if name == "**" else "the right side is 0"
        return refuse(
            BadArithmetic(Site(span), what="a division by zero", why=why, advice="check the value on the right")
        )
    except OverflowError:
        return too_large(span)


def _bits(base: int, exponent: int) -> float:
    """About how many bits a power has, or more than the limit; neither is made a decimal that it does not fit into."""
    return max(0, min(exponent, MAX_BITS + 1)) * math.log2(abs(base) or 1)


def bounded(value: Any, span: Span) -> Any:
    """A result that the compiler can go on with: finite, real, and not astronomical."""
    if isinstance(value, complex):
        refuse(
            BadArithmetic(
                Site(span),
                what="a root of a negative number",
                why="this is not a real number",
                advice="check the sign of the base",
            )
        )
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        too_large(span)
    if isinstance(value, float) and not math.isfinite(value):
        too_large(span)
    return value


def too_large(span: Span) -> Any:
    limit = f"{MAX_BITS:,} bits for whole numbers, and finite decimals"
    return refuse(TooLarge(Site(span), what="the result of this calculation is too large", limit=limit))


def compare(name: str, left: Any, right: Any, span: Span) -> bool:
    """`==` and `!=` for any values, the order for numbers and for strings."""
    if name == "==":
        return bool(left == right)
    if name == "!=":
        return bool(left != right)
    kinds = (int, float)
    orderly = (isinstance(left, kinds) and isinstance(right, kinds)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if not orderly or isinstance(left, bool) or isinstance(right, bool):
        refuse(
            BadArithmetic(
                Site(span),
                what=f"`{name}` cannot compare {described(left)} with {described(right)}",
                why="these have no order",
                advice="compare numbers; `==` and `!=` compare anything",
            )
        )
    return bool(ORDER[name](left, right))


def index(value: Any, at: Any, span: Span, at_span: Span) -> Any:
    """`value[at]` for lists, sizes, ranges and repeated labels; a range cuts a list."""
    if isinstance(value, Series):
        items: Any = value.items
    elif isinstance(value, Ref):
        items = (value,)
    elif isinstance(value, tuple | range):
        items = value
    else:
        advice = "lists, tuples, sizes, ranges and labels in repetitions have items"
        return refuse(WrongType(Site(span), what="this has no items", value=described(value), advice=advice))
    if isinstance(at, range):
        if at and not 0 <= at.start < at.stop <= len(items):
            _out_of_range(f"the range {at.start}..{at.stop}", len(items), f"0..{len(items)} is all of it", at_span)
        cut = items[at.start : at.stop] if at else ()
        return cut if isinstance(cut, range) and len(cut) > MAX_VALUES else tuple(cut)
    place = number(at, at_span, "an index")
    if isinstance(place, float) and not place.is_integer():
        refuse(WrongType(Site(at_span), what="an index is a whole number", value=described(at), advice="use `int(…)`"))
    if not -len(items) <= place < len(items):
        advice = f"use 0 to {len(items) - 1}, or -1 for the last"
        _out_of_range(f"the index {int(place)}", len(items), advice, at_span)
    return items[int(place)]


def _out_of_range(what: str, items: int, advice: str, span: Span) -> Any:
    many = f"there are {items} items" if items != 1 else "there is 1 item"
    what = f"{what} is out of range: {many}"
    advice = advice if items else "the list is empty"
    refuse(BadArithmetic(Site(span), what=what, why="no such item", advice=advice))


def span_range(start: Any, stop: Any, span: Span) -> range:
    """`start..stop`, from start up to, not including, stop."""
    ends = []
    for end in (start, stop):
        value = number(end, span, "a range")
        if abs(value) > MAX_COUNT:
            refuse(TooLarge(Site(span), what="the end of this range is too large", limit="2**31"))
        if not float(value).is_integer():
            advice = "use `//`, `int(…)` or `round(…)`"
            refuse(WrongType(Site(span), what="a range has whole ends", value=described(end), advice=advice))
        ends.append(int(value))
    return range(*ends)


def _flat(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    one = len(arguments) == 1 and isinstance(arguments[0], tuple | range)
    return tuple(arguments[0]) if one else arguments


def builtin(name: str, arguments: tuple[Any, ...], span: Span) -> Any:
    """The value of `min max int ceil floor round sqrt len abs sum` and of `normal`, `uniform`."""
    if name == "len":
        return _length(arguments, span)
    values = _flat(arguments) if name in ("min", "max", "sum") else arguments
    for value in values:
        number(value, span, f"`{name}`")
    if name in ("min", "max", "sum"):
        if not values and name != "sum":
            refuse(_count_of(name, "at least one number", 0, span))
    elif len(values) != 1:
        refuse(_count_of(name, "one number", len(values), span))
    try:
        found = AGGREGATES[name](values) if name in AGGREGATES else _unary(name, values[0], span)
    except OverflowError:
        return too_large(span)
    return bounded(found, span)


def _unary(name: str, value: int | float, span: Span) -> Any:
    if name == "sqrt":
        if value < 0:
            advice = "check the sign of the value"
            refuse(BadArithmetic(Site(span), what=f"the root of {value:g}", why="below zero", advice=advice))
        return math.sqrt(value)
    if name in ("normal", "uniform"):
        return Start(name, float(value))
    if name == "abs":
        return abs(value)
    return ROUNDING[name](value)


def _length(arguments: tuple[Any, ...], span: Span) -> int:
    if len(arguments) != 1:
        refuse(_count_of("len", "one list", len(arguments), span))
    value = arguments[0].items if isinstance(arguments[0], Series) else arguments[0]
    if isinstance(value, Ref):
        return 1
    if not isinstance(value, tuple | range | str):
        advice = "lists, tuples, sizes, ranges, strings and labels in repetitions have one"
        refuse(WrongType(Site(span), what="this has no length", value=described(value), advice=advice))
    return len(value)


def _count_of(name: str, wanted: str, count: int, span: Span) -> Problem:
    return WrongType(
        Site(span), what=f"`{name}` takes {wanted}", value=f"given {count}", advice=f"`{name}(…)` takes {wanted}"
    )


BUILTINS = ("min", "max", "int", "ceil", "floor", "round", "sqrt", "len", "abs", "sum", "normal", "uniform")
