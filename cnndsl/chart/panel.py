"""Panel: lines over one pair of axes, and the round numbers that stand at them."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

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
    """A title, what lies along x, and the lines; `logarithmic` is both axes, where all values are above 0."""

    title: str
    across: str
    lines: tuple[Line, ...]
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Where a value lies on its axis."""
        return log10(value) if self.logarithmic else value

    def range(self, axis: int) -> tuple[float, float]:
        """From the place of the least to that of the greatest value of an axis (0 is x), never empty."""
        values = [self.at(point[axis]) for line in self.lines for point in line.finite] or [0.0, 1.0]
        low, high = min(values), max(values)
        margin = (abs(low) or 1.0) * 0.05 if low == high else 0.0
        return low - margin, high + margin

    def ticks(self, axis: int, count: int) -> list[float]:
        """Round numbers that stand at an axis, about `count` of them where it is not logarithmic."""
        low, high = self.range(axis)
        return decades(low, high) if self.logarithmic else ticks(low, high, count)


def ticks(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers (1, 2 or 5 times a power of ten apart) from low to high."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = floor(low / step + 0.999)
    return [round(number * step, 12) for number in range(first, floor(high / step + 0.001) + 1)]


def decades(low: float, high: float) -> list[float]:
    """The powers of ten from 10^low to 10^high, and 2 and 5 times them where they are few."""
    factors = (1, 2, 5) if high - low <= 3 else (1,)
    found = (10.0**power * factor for power in range(floor(low), ceil(high) + 1) for factor in factors)
    return [number for number in found if low - 1e-9 <= log10(number) <= high + 1e-9]
