"""Panel: lines over one pair of axes, and the round numbers that stand at them."""

from __future__ import annotations

from math import floor, isfinite, log10

from cnndsl.record import Record

Point = tuple[float, float]


class Line(Record):
    """A named curve through some points (x, y)."""

    name: str
    points: tuple[Point, ...]
    dashed: bool = False

    @property
    def finite(self) -> tuple[Point, ...]:
        """The points that can be drawn."""
        return tuple(point for point in self.points if all(map(isfinite, point)))


class Panel(Record):
    """A title, what lies along x, and the lines."""

    title: str
    across: str
    lines: tuple[Line, ...]

    def range(self, axis: int) -> tuple[float, float]:
        """From the least to the greatest value of an axis (0 is x), never empty."""
        values = [point[axis] for line in self.lines for point in line.finite] or [0.0, 1.0]
        low, high = min(values), max(values)
        margin = (abs(low) or 1.0) * 0.05 if low == high else 0.0
        return low - margin, high + margin


def ticks(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers (1, 2 or 5 times a power of ten apart) from low to high."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = floor(low / step + 0.999)
    return [round(number * step, 12) for number in range(first, floor(high / step + 0.001) + 1)]
