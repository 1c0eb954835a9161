"""How fields and fractions are written: exact, and short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from cnndsl.analysis.field import AxisField
from cnndsl.layers.masks import runs


def sizes(axes: Sequence[AxisField]) -> str:
    """The fields of the axes as a size: `11x11`, `whole`, `851x851 + whole`; `?` for an open one."""
    if not axes:
        return "whole"
    if all(axis.whole and not axis.lows for axis in axes):
        return "whole"
    size = "x".join("whole" if axis.whole and not axis.lows else written(axis.size) for axis in axes)
    return f"{size} + whole" if any(axis.whole and axis.lows for axis in axes) else size


def numbers(values: Iterable[Any]) -> str:
    """One number if all agree, else one for each axis, in parentheses; nothing where there is none."""
    found = [fraction(value) for value in values]
    return "" if not any(found) else found[0] if len(set(found)) == 1 else f"({', '.join(v or '-' for v in found)})"


def fraction(value: Any) -> str:
    """`16`, `0.5`, `2/3`: exact, a decimal where the denominator is a power of two."""
    if value is None:
        return ""
    if value.denominator == 1:
        return written(value.numerator)
    few = value.denominator in (2, 4, 8, 16) and abs(value) < 1_000_000
    return f"{float(value):g}" if few and len(f"{float(value):g}") < 9 else str(value)


def written(number: int | None) -> str:
    """A whole number; `?` for an open one, the power of two below one of thousands of digits."""
    if number is None:
        return "?"
    return str(number) if number.bit_length() < 4096 else f"over 2**{number.bit_length() - 1}"


def plain(value: Any) -> Any:
    """A number for JSON: whole numbers as such, a fraction as text (`2/3`)."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else str(value)


def stretches(mask: int, of: int | None = 6) -> str:
    """The cells of an axis: `0..47`, `1, 3, 5`, `0..222 by 2`; at most `of` stretches, the rest counted."""
    found = list(runs(mask))
    starts = [first for first, _ in found]
    single = all(first == last for first, last in found)
    gaps = {after - before for before, after in pairwise(starts)}
    if single and len(starts) > 3 and len(gaps) == 1:
        return f"{starts[0]}..{starts[-1]} by {gaps.pop()}"
    parts = [str(first) if first == last else f"{first}..{last}" for first, last in found]
    more = [f"… ({len(parts) - of} more)"] if of is not None and len(parts) > of else []
    return ", ".join([*parts[:of], *more])
