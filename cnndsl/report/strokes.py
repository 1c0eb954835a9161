"""Paths and polygons of an SVG written with few characters: each point from the one before, to a tenth of a point."""

from __future__ import annotations

import re
from collections.abc import Iterator

Point = tuple[int, int]
_PART = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
#: points to a segment of the commands that Graphviz writes
POINTS = {"M": 1, "L": 1, "C": 3}


def relative(path: str) -> str:
    """The data of a path in relative coordinates; one with other commands than M, L and C stays as it is."""
    parts = [(found[1], _points(found[2])) for found in _PART.finditer(path)]
    if any(command not in (*POINTS, "z", "Z") for command, _ in parts):
        return path
    here, made = (0, 0), ""
    for command, points in parts:
        size = POINTS.get(command, 1)
        made += "" if points else command.lower()
        for start in range(0, len(points), size):
            segment = points[start : start + size]
            made += _segment(command.lower(), [(x - here[0], y - here[1]) for x, y in segment])
            here = segment[-1]
    return made


def _segment(command: str, deltas: list[Point]) -> str:
    """A piece of a path; a curve along a straight line is a line, one along an axis needs one number."""
    x, y = deltas[-1]
    if command == "c" and deltas[0] == (0, 0) and deltas[1] == (x, y):
        command, deltas = "l", deltas[-1:]
    if command == "l" and 0 in (x, y):
        return "" if x == y else f"h{_written(x)}" if y == 0 else f"v{_written(y)}"
    return command + _joined([number for pair in deltas for number in pair])


def closed(points: str) -> str:
    """The path of a polygon; its last point is the first again."""
    first, *rest = points.split()
    rest = rest[:-1] if rest and rest[-1] == first else rest
    return relative(f"M{first}" + (f"L{' '.join(rest)}" if rest else "")) + "z"


def tenth(number: float) -> str:
    """A coordinate to a tenth of a point: `12.5`, `12`."""
    return _written(round(number * 10))


def _points(text: str) -> list[Point]:
    numbers = [round(float(number) * 10) for number in _NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2]))


def _joined(tenths: list[int]) -> str:
    """Numbers in a row; a minus sign separates by itself."""
    return "".join(_spaced(tenths)).lstrip(" ")


def _spaced(tenths: list[int]) -> Iterator[str]:
    for number in tenths:
        text = _written(number)
        yield text if text.startswith("-") else f" {text}"


def _written(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}{f'.{rest}' if rest else ''}"
