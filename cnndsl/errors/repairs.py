"""Other arguments for windows that do not fit: each is tried on the windows before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.layers.window import Window

    Windows = tuple[Window, ...]

#: how far from the given value another padding or stride is looked for
FARTHEST = 64


class Repair(Record):
    """Another value for an argument: what to write, why, and how far it is from what was given."""

    argument: str
    text: str
    purpose: str
    change: int

    def __str__(self) -> str:
        return f"{self.argument}={self.text}"


def fixes(where: Site, repairs: Iterable[Repair]) -> Iterator[Fix]:
    """The repairs as edits of the call at a place."""
    for repair in repairs:
        edit = where.edit(repair.argument, repair.text)
        if edit:
            yield Fix(f"{repair.purpose}: {repair}", (edit,))


def fitting_repairs(windows: Windows) -> list[Repair]:
    """Padding, dilation or a kernel that gives every window a position, the smallest change first."""
    tried = [
        (_widened(windows), "pad", "pad the input"),
        (_shrunk(windows, "dilation"), "dilation", "bring the cells of the kernel closer together"),
        (_shrunk(windows, "kernel"), "kernel", "use a smaller kernel"),
    ]
    found = [_repair(windows, changed, *words) for changed, *words in tried if _sound(changed)]
    return sorted((repair for repair in found if repair.change), key=lambda repair: repair.change)


def further_repairs(windows: Windows) -> list[Repair]:
    """More padding or smaller kernels than are needed here, for the layers behind it; the smallest change first."""
    padded, shrunk = _widened(windows), _shrunk(windows, "kernel")
    largest = max((window.kernel for window in shrunk), default=1)
    tried = [
        *((_padded(padded, more), "pad", "pad the input") for more in range(1, 4)),
        *((_capped(shrunk, kernel), "kernel", "use a smaller kernel") for kernel in _smaller(largest)),
    ]
    found = [_repair(windows, changed, *words) for changed, *words in tried if _sound(changed)]
    return sorted(found, key=lambda repair: repair.change)


def _padded(windows: Windows, by: int) -> Windows:
    return tuple(window.replace(low=window.low + by, high=window.high + by) for window in windows)


def _capped(windows: Windows, kernel: int) -> Windows:
    return tuple(window.replace(kernel=min(window.kernel, kernel)) for window in windows)


def _smaller(kernel: int) -> list[int]:
    """A few of the kernels below one, the largest first."""
    tried = {kernel - 1, kernel * 3 // 4, kernel // 2, kernel // 4, 3, 2, 1}
    return sorted((each for each in tried if 1 <= each < kernel), reverse=True)


def even_repairs(windows: Windows) -> list[Repair]:
    """The nearest padding and the nearest stride with which every division by the stride is exact."""

    def padded(by: int) -> Windows:
        return _padded(windows, by)

    def strided(by: int) -> Windows:
        return tuple(window.replace(stride=window.stride + by) for window in windows)

    found = ((_nearest(padded), "pad", "pad evenly"), (_nearest(strided), "stride", "use a stride that divides"))
    return [_repair(windows, changed, *words) for changed, *words in found if changed]


def covering_repairs(windows: Windows) -> list[Repair]:
    """Padding or dilation with which every position of every window sees the input."""
    half = min(window.reach for window in windows) // 2
    tried = [
        (tuple(window.replace(low=half, high=half) for window in windows), "pad", "pad less"),
        (tuple(window.replace(dilation=1) for window in windows), "dilation", "use a dense window"),
    ]
    found = [_repair(windows, changed, *words) for changed, *words in tried if _sound(changed) and _covering(changed)]
    return [repair for repair in found if repair.change]


def _widened(windows: Windows) -> Windows:
    """With as much more padding on both sides as is missing; one number stays one number."""
    missing = [0 if window.extent is None else max(0, 1 - window.room) // 2 for window in windows]
    if len({(window.low, window.high) for window in windows}) == 1:
        missing = [max(missing)] * len(missing)
    axes = zip(windows, missing, strict=True)
    return tuple(window.replace(low=window.low + more, high=window.high + more) for window, more in axes)


def _shrunk(windows: Windows, field: str) -> Windows:
    """With the largest kernel or dilation that fits; one number stays one number."""
    values = [min(getattr(window, field), _largest(window, field)) for window in windows]
    if len({getattr(window, field) for window in windows}) == 1:
        values = [min(values)] * len(values)
    return tuple(window.replace(**{field: value}) for window, value in zip(windows, values, strict=True))


def _largest(window: Window, field: str) -> int:
    if window.extent is None or (field == "dilation" and window.kernel == 1):
        return int(getattr(window, field))
    steps = window.extent + window.low + window.high - 1
    return steps // (window.kernel - 1) if field == "dilation" else steps // window.dilation + 1


def _nearest(change: Callable[[int], Windows]) -> Windows:
    """The nearest change that divides evenly; none if there is none nearby."""
    for distance in range(1, FARTHEST + 1):
        for windows in (change(distance), change(-distance)):
            if _sound(windows) and not any(window.remainder for window in windows):
                return windows
    return ()


def _sound(windows: Windows) -> bool:
    """Whether the language allows such windows and each has a position that sees the input."""
    return all(
        min(window.kernel, window.stride, window.dilation, window.low + 1, window.high + 1) >= 1
        and window.fits
        and max(window.low, window.high) < max(window.reach, 2)
        for window in windows
    )


def _covering(windows: Windows) -> bool:
    return all(window.covers for window in windows)


def _repair(before: Windows, after: Windows, argument: str, purpose: str) -> Repair:
    fields = ("low", "high") if argument == "pad" else (argument,)
    change = max(abs(getattr(a, f) - getattr(b, f)) for a, b in zip(after, before, strict=True) for f in fields)
    values = [tuple(getattr(window, field) for field in fields) for window in after]
    return Repair(argument, _written(values), purpose, change)


def _written(values: list[tuple[int, ...]]) -> str:
    """Values per axis as the language writes them: `1`, `(1, 2)`, `((0, 1), (2, 2))`; on one axis `(0, 1)`."""
    if all(len(set(value)) == 1 for value in values):
        firsts = [value[0] for value in values]
        return str(firsts[0]) if len(set(firsts)) == 1 else f"({', '.join(map(str, firsts))})"
    pairs = [f"({low}, {high})" for low, high in values]
    return pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})"
