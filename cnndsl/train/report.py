"""What metrics found for each class, as tables of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array


def tables(details: Mapping[str, Array], class_names: Sequence[str] = ()) -> Iterator[str]:
    """One table of all that is a number for each class, and one for each matrix."""
    by_count: dict[int, dict[str, Array]] = {}
    for name, array in details.items():
        if array.ndim == 1:
            by_count.setdefault(len(array), {})[name] = array
    for count, columns in by_count.items():
        rows = [[_share(array[i]) for array in columns.values()] for i in range(count)]
        yield _table(["class", *columns], _named(count, class_names), rows)
    for name, array in details.items():
        if array.ndim == 2:
            names = _named(len(array), class_names)
            rows = [[f"{value:,}" for value in row] for row in array.tolist()]
            yield f"{name}: a row for each class, a column for what it was taken for\n" + _table(
                ["", *names], names, rows
            )


def _named(count: int, class_names: Sequence[str]) -> list[str]:
    return list(class_names) if len(class_names) == count else [str(number) for number in range(count)]


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4f}"


def _table(head: list[str], names: list[str], rows: list[list[str]]) -> str:
    """Names to the left, numbers to the right."""
    lines = [head, *([name, *row] for name, row in zip(names, rows, strict=True))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in shown)
