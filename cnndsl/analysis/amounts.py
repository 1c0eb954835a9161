"""How fields and fractions are written: exact, and short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnndsl.analysis.field import AxisField


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
