"""The answers of `cnnc solve` in words: what is open, the exact divisions, those that are rounded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from cnndsl.analysis.formula import Answers, Family, Formula, Solution
from cnndsl.analysis.solve import shown
from cnndsl.layers.window import Window, same_pads
from cnndsl.render._cells import wrap

#: answers that are shown one by one
SHOWN = 6
#: pairs that are shown
PAIRS = 40


def solution(found: Solution, width: int | None = None) -> str:
    """The answers as text without a final line end, at most `width` columns wide."""
    return "\n".join(line for text in _lines(found) for line in wrap(text, width))


def _lines(found: Solution) -> Iterator[str]:
    letters = [letter for letter in found.open if letter != "W2"] or list(found.open)
    if found.limits:
        yield f"{_given(found.formula)}; every small {' and '.join(letters)} ({', '.join(found.limits)})"
    else:
        yield f"{_given(found.formula)}; open: {', '.join(found.open) or 'nothing, it holds'}"
    up = found.formula.ceil
    exact = [window for window in found.pairs if not window.remainder]
    lines = [*(line for way in found.answers for line in _way(way, True)), *_listed(exact, found.open)]
    yield from ["exact:", *lines] if lines else ["exact: none"]
    for ceil, heading in ((False, "rounded down:"), (True, "rounded up (`ceil=true` of a pool):")):
        windows = [window for window in found.pairs if window.remainder and window.ceil is ceil]
        lines = [line for way in found.answers if up is ceil for line in _way(way, False)]
        lines += _listed(windows, found.open)
        yield from [heading, *lines] if lines else []


def _given(formula: Formula) -> str:
    values = zip(("W2", "W", "F", "S", "P", "D"), formula.as_tuple())
    numbers = [f"{letter}={_value(value)}" for letter, value in values if value is not None]
    return ", ".join([*(n for n in numbers if n != "D=1"), *["ceil=true"] * formula.ceil])


def _value(value: object) -> str:
    return str(value[0] if isinstance(value, tuple) and value[0] == value[1] else value)


def _way(found: Answers, exact: bool) -> Iterator[str]:
    """The first answers of one way with their numbers, and a sentence for the rest."""
    windows = list(islice(found.windows(exact), SHOWN + 1))
    letter = found.way.letter
    yield from (_line(window, (letter,)) for window in windows[:SHOWN])
    if len(windows) <= SHOWN:
        return
    if exact:
        yield "  " + " or ".join(_words(found, family) for family in found.exact)
    else:
        yield f"  and every other {_words(found, found.fitting)}"


def _words(found: Answers, family: Family) -> str:
    """`P = 1 + 2k for k >= 0`, `W = 5 to 8`."""
    letter, first, step, count = found.way.letter, family.first, family.step, family.count
    name = f"({letter}, {letter}+1) with {letter}" if found.way.uneven else letter
    if count == 1:
        return f"{name} = {first}"
    if step == 1:
        return f"{name} >= {first}" if count is None else f"{name} = {first} to {first + count - 1}"
    start = f"{first} + {step}k" if first else f"{step}k"
    return f"{name} = {start} for k {'>= 0' if count is None else f'= 0 to {count - 1}'}"


def _listed(windows: list[Window], letters: tuple[str, ...]) -> Iterator[str]:
    yield from (_line(window, letters) for window in windows[:PAIRS])
    if len(windows) > PAIRS:
        yield f"  and {len(windows) - PAIRS} more"


def _line(window: Window, letters: tuple[str, ...]) -> str:
    """`  P=1  W2 = floor((224 - 5 + 2*1)/2) + 1 = 111`."""
    names = ", ".join(shown(window, letter) for letter in letters if letter != "W2")
    assert window.extent is not None
    pads = same_pads(window.extent, window.kernel, window.stride, window.dilation)
    same = ", same" if "P" in letters and (window.low, window.high) == pads and any(pads) else ""
    return f"  {names + same + '  ' if names else ''}W2 = {window.numbers}"
