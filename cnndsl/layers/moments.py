"""How large values are before training: mean and variance, led through a layer without running it.

An example's values are taken as normal with the input's mean and variance, and those of a layer as
independent of each other. Weights are random by their recipe, with mean 0 unless they are given
numbers or a constant (X. Glorot and Y. Bengio, 2010; K. He et al., 2015; B. Poole et al., 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import erf, exp, pi, prod, sqrt
from operator import mul

from cnndsl.program import Start
from cnndsl.record import Record

#: a normal variable at so many points, up to so many deviations on both sides
POINTS, REACH = 200, 8.0


class Moments(Record):
    """The mean and the variance of a value, over examples and initial weights."""

    mean: float = 0.0
    variance: float = 1.0

    @property
    def square(self) -> float:
        """The mean of the square."""
        return self.mean**2 + self.variance

    def times(self, factor: float, offset: float = 0.0) -> Moments:
        return Moments(self.mean * factor + offset, self.variance * factor**2)


class Before(Record):
    """What a layer is given: the moments and the channels of each input, and the starts of its arrays by name."""

    given: tuple[Moments, ...]
    channels: tuple[int, ...]
    starts: Mapping[str, Start]

    def start(self, name: str, otherwise: float) -> float:
        """The number that a factor or an offset starts at."""
        start = self.starts.get(name)
        return start.amount if start and start.recipe == "constant" else otherwise


def weighed(before: Before) -> Moments | None:
    """A sum of as many inputs as the weights' fan in, each times a weight, and a bias.

    None for equal weights, which make all outputs equal: they are not independent.
    """
    (given,), weight = before.given, before.starts.get("weight")
    if weight is None or (weight.recipe == "constant" and weight.amount):
        return None
    mean, square = _weight(weight)
    spread = square * given.square - (mean * given.mean) ** 2
    return Moments(weight.fan_in * mean * given.mean + before.start("bias", 0.0), weight.fan_in * spread)


def _weight(start: Start) -> tuple[float, float]:
    """The mean of a weight and of its square, as `cnndsl.random.start` draws it."""
    fan_in, fan_out, amount = start.fan_in, start.fan_out, start.amount
    if start.recipe == "given":
        count = len(start.table)
        return sum(start.table) / count, sum(number**2 for number in start.table) / count
    return {
        "constant": (0.0, 0.0),
        "he": (0.0, 2 / fan_in),
        "glorot": (0.0, 2 / (fan_in + fan_out)),
        "lecun": (0.0, 1 / fan_in),
        "orthogonal": (0.0, 1 / max(fan_in, fan_out)),
        "normal": (0.0, amount**2),
        "uniform": (0.0, amount**2 / 3),
    }[start.recipe]


def bent(given: Moments, function: Callable[[float], float]) -> Moments:
    """A function of a normal value, by the rectangle rule, which is exact to many digits here."""
    mean, deviation = given.mean, sqrt(given.variance)
    points, shares = _normal()
    return _over([function(mean + deviation * point) for point in points], shares)


def largest(given: Sequence[Moments]) -> Moments:
    """The largest of independent normal values."""

    def density(value: float) -> float:
        total = 0.0
        for number, one in enumerate(given):
            others = prod(_below(value, other) for other in (*given[:number], *given[number + 1 :]))
            total += exp(-((value - one.mean) ** 2) / (2 * one.variance)) / sqrt(2 * pi * one.variance) * others
        return total

    given = [one.replace(variance=max(one.variance, 1e-12)) for one in given]
    low = max(one.mean - REACH * sqrt(one.variance) for one in given)
    high = max(one.mean + REACH * sqrt(one.variance) for one in given)
    step = (high - low) / (4 * POINTS)
    points = [low + step * number for number in range(4 * POINTS + 1)]
    return _over(points, [density(point) * step for point in points])


def _below(value: float, given: Moments) -> float:
    return 0.5 * (1 + erf((value - given.mean) / sqrt(2 * given.variance)))


@cache
def _normal() -> tuple[list[float], list[float]]:
    """Points of a standard normal variable, and how much of it each stands for."""
    step = 2 * REACH / POINTS
    points = [-REACH + step * (number + 0.5) for number in range(POINTS)]
    return points, [step * exp(-(point**2) / 2) / sqrt(2 * pi) for point in points]


def _over(values: Sequence[float], shares: Sequence[float]) -> Moments:
    """The moments of a value that is each of some values for a share."""
    weighted = list(map(mul, shares, values))
    mean, square = sum(weighted), sum(map(mul, weighted, values))
    return Moments(mean, max(square - mean**2, 0.0))
