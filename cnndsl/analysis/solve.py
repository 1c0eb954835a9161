"""The formula of a window solved for the letters that are open, with all answers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from math import gcd, isqrt

from cnndsl.analysis.formula import FEW, LARGEST, Answers, Family, Formula, Solution, Way
from cnndsl.errors.base import NOWHERE, Refused
from cnndsl.errors.formula import NoSolution, NotEqual, TooManyOpen
from cnndsl.layers.window import Window

#: what is tried where two letters are open and the formula sets no end
SMALL = {"F": 11, "S": 16, "D": 4}


def solve(formula: Formula) -> Solution:
    """Every way to fill the open letters of a formula.

    Raises Refused: NotEqual where none is open and the sides differ, NoSolution, TooManyOpen.
    """
    others = tuple(letter for letter in formula.open if letter != "W2")
    if len(others) > 2 or (len(others) == 2 and formula.output is None):
        raise Refused(TooManyOpen(NOWHERE, formula.open, 2))
    if len(others) == 2:
        return _pairs(formula, others)
    if not others:
        return _evaluated(formula)
    found = tuple(answer for way in ways(formula, *others) if (answer := _answers(formula, way)))
    if not found:
        raise Refused(_hopeless(formula, others[0]))
    return Solution(formula, found)


def _evaluated(formula: Formula) -> Solution:
    """A formula in which at most W2 is open."""
    window = formula.window()
    output = window.output
    assert output is not None
    if formula.output is not None and output != formula.output:
        raise Refused(NotEqual(NOWHERE, formula.output, output, window.formula, tuple(_mends(formula))))
    if output < 1:
        raise Refused(NoSolution(NOWHERE, f"the kernel does not fit: W2 would be {output}", window.formula))
    other = window.replace(ceil=not window.ceil)
    both = window.remainder and not formula.ceil and formula.output is None and other.output != output
    return Solution(formula, pairs=(window, other) if both else (window,))


def _mends(formula: Formula) -> Iterator[str]:
    """For each letter the nearest number with which the formula holds, the others as they are."""
    for name, letter in (("pad", "P"), ("kernel", "F"), ("stride", "S"), ("extent", "W")):
        opened = formula.replace(**{name: None})
        for way in ways(opened, letter):
            found = _answers(opened, way)
            if found:
                yield shown(way.window(found.fitting.first), letter)
                break
    rounded = formula.replace(ceil=not formula.ceil).window()
    if rounded.output == formula.output:
        yield "the division rounded up (`ceil=true` of a pool)" if rounded.ceil else "the division rounded down"


def shown(window: Window, letter: str) -> str:
    """A letter with its number in a window: `P=1`, `P=(0, 1)`, `W=224`."""
    if letter == "P":
        return f"P={window.low}" if window.low == window.high else f"P=({window.low}, {window.high})"
    values = {"W2": window.output, "W": window.extent, "F": window.kernel, "S": window.stride, "D": window.dilation}
    return f"{letter}={values[letter]}"


def ways(formula: Formula, letter: str) -> tuple[Way, ...]:
    """How the one open letter besides W2 can be filled: for P with equal ends, and with ends one apart."""
    if letter == "P":
        even = Way("P", 0, lambda number: formula.replace(pad=(number, number)).window())
        return even, Way("P", 0, lambda number: formula.replace(pad=(number, number + 1)).window(), uneven=True)
    name = {"W": "extent", "F": "kernel", "S": "stride", "D": "dilation"}[letter]
    return (Way(letter, 1, lambda number: formula.replace(**{name: number}).window()),)


def _answers(formula: Formula, way: Way) -> Answers | None:
    """The numbers with which the output is the one that is given, or any at all; None if there are none.

    The output never turns back as a number grows, so that they are neighbours.
    """
    numbers = range(way.first, LARGEST)
    sign = 1 if _output(way, way.first) <= _output(way, LARGEST - 1) else -1
    wanted = formula.output

    def key(number: int) -> int:
        return sign * _output(way, number)

    if wanted is not None:
        start, stop = bisect_left(numbers, sign * wanted, key=key), bisect_right(numbers, sign * wanted, key=key)
    elif sign > 0:
        start, stop = bisect_left(numbers, 1, key=key), len(numbers)
    else:
        start, stop = 0, bisect_right(numbers, -1, key=key)
    if start == stop:
        return None
    fitting = Family(numbers[start], 1, None if stop == len(numbers) else stop - start)
    return Answers(way, fitting, tuple(_exact(formula, way, fitting)))


def _output(way: Way, number: int) -> int:
    output = way.window(number).output
    assert output is not None
    return output


def _exact(formula: Formula, way: Way, fitting: Family) -> Iterator[Family]:
    """Of the numbers that fit, those whose division leaves nothing."""
    first, count = fitting.first, fitting.count
    if formula.pad == "same":
        looked = islice(fitting, FEW)
        yield from (Family(number, 1, 1) for number in looked if not way.window(number).remainder)
        return
    start = way.window(first)
    if way.letter == "S":
        if start.room == 0:
            yield fitting
            return
        inside = (number for number in _divisors(start.room) if number in _reach(fitting))
        yield from (Family(number, 1, 1) for number in inside)
        return
    # the room grows by the same amount with each number, so that what it leaves comes back in a period
    slope, stride = way.window(first + 1).room - start.room, start.stride
    common = gcd(slope, stride)
    if start.room % common:
        return
    period = stride // common
    skip = -(start.room // common) * pow(slope // common, -1, period) % period if period > 1 else 0
    if count is None or skip < count:
        yield Family(first + skip, period, None if count is None else (count - 1 - skip) // period + 1)


def _reach(family: Family) -> range:
    return range(family.first, LARGEST if family.count is None else family.first + family.count)


def _divisors(number: int) -> list[int]:
    small = [divisor for divisor in range(1, isqrt(number) + 1) if not number % divisor]
    return sorted({*small, *(number // divisor for divisor in small)})


def _hopeless(formula: Formula, letter: str) -> NoSolution:
    """Why no number fits: how near the formula comes with the smallest one."""
    window = ways(formula, letter)[0].window(0 if letter == "P" else 1)
    wanted = "at least 1" if formula.output is None else str(formula.output)
    return NoSolution(NOWHERE, f"no {letter} makes W2 {wanted}", f"with {shown(window, letter)}: {window.formula}")


# ---- two open letters ----------------------------------------------------------------------------------


def _pairs(formula: Formula, letters: tuple[str, ...]) -> Solution:
    """All small pairs: one letter is tried, the other solved for; a padding stays below what a window covers."""
    outer, inner = sorted(letters, key="DFSPW".index)
    limits = _limits(letters)
    found: dict[Window, None] = {}
    if outer == "P":
        tried = [formula.replace(pad=(n // 2, n - n // 2)) for n in range(2 * _reach_of(formula) - 1)]
    else:
        name = {"F": "kernel", "S": "stride", "D": "dilation"}[outer]
        tried = [formula.replace(**{name: number}) for number in range(1, SMALL[outer] + 1)]
    for each in tried:
        for way in ways(each, inner):
            answers = _answers(each, way)
            if answers:
                most = LARGEST if inner not in SMALL or answers.fitting.count is not None else SMALL[inner]
                windows = (way.window(number) for number in islice(answers.fitting, FEW) if number <= most)
                found.update((window, None) for window in windows if _sensible(window))
    if not found:
        raise Refused(NoSolution(NOWHERE, f"no small {letters[0]} and {letters[1]} make W2 {formula.output}", ""))
    return Solution(formula, pairs=tuple(found), limits=limits)


def _reach_of(formula: Formula) -> int:
    """What a window covers: D(F-1) + 1."""
    assert formula.kernel and formula.dilation
    return formula.dilation * (formula.kernel - 1) + 1


def _sensible(window: Window) -> bool:
    """Whether every position of the window may see a cell: no padding as wide as it."""
    return max(window.low, window.high) < window.reach


def _limits(letters: tuple[str, ...]) -> tuple[str, ...]:
    words = [f"{letter} up to {SMALL[letter]}" for letter in letters if letter in "FSD"]
    return (*words, *(["P below D(F - 1) + 1"] if "P" in letters else []))
