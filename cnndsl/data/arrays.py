"""What is checked of the arrays that a user gives, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.remedy import remedy
from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.errors.base import NOWHERE, Site
from cnndsl.errors.data import InputShape, LengthsDiffer, NamesDiffer, NoExamples, NotFinite, NotNumbers, WholeNumbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

CHUNK = 1 << 22  # values looked at in one go, so that a check needs little memory beside the data


KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "M": "dates", "m": "times"}


def by_name(argument: str, given: Any, names: tuple[str, ...]) -> dict[str, tuple[str, Any]]:
    """For every name how to speak of its array (`x`, or `x["left"]`) and what was given for it.

    One name takes an array as it is or a dict; several names a dict. Raises CnnError (E510).
    """
    if not isinstance(given, Mapping):
        if len(names) == 1:
            return {names[0]: (argument, given)}
        problem = f"the net has {len(names)} of them ({', '.join(names)}), `{argument}` is a single array"
        raise NamesDiffer(NOWHERE, problem, argument, names).error()
    wrong = [f"lacks `{name}`" for name in names if name not in given]
    wrong += [f"has `{name}`, which the net does not" for name in given if name not in names]
    if wrong:
        raise NamesDiffer(NOWHERE, f"`{argument}` {' and '.join(wrong)}", argument, names).error()
    return {name: (f'{argument}["{name}"]', given[name]) for name in names}


def as_array(name: str, given: Any, words: bool = False) -> Array:
    """Whatever NumPy takes for an array of numbers (or, with `words`, of text). Raises CnnError (E502)."""
    try:
        array = np.asarray(given)
    except ValueError as reason:
        if "inhomogeneous" not in str(reason):
            raise
        advice = "bring all examples to one size: cut them or pad them with zeros"
        raise NotNumbers(NOWHERE, name, "examples of different sizes", advice).error() from None
    if words and array.dtype.kind == "O" and all(isinstance(item, str) for item in array.flat):
        array = array.astype(str)
    if array.dtype.kind not in ("biufUS" if words else "biuf"):
        kind = KINDS.get(array.dtype.kind, f"values of type {array.dtype}")
        advice = f'if each of them is a number: {name}.astype("float32"); else look at one, {name}[0]'
        raise NotNumbers(NOWHERE, name, kind, advice).error()
    return array


def check_inputs(
    given: Any, wanted: Mapping[str, tuple[int, ...]], places: Mapping[str, Site], argument: str = "x"
) -> dict[str, Array]:
    """The examples for every input, of the right shape, finite and scaled. Raises CnnError (E501 to E506, E510)."""
    named = by_name(argument, given, tuple(wanted))
    arrays: dict[str, Array] = {}
    found: list[Diagnostic] = []
    for key, (name, item) in named.items():
        with noting(found):
            arrays[key] = as_array(name, item)
            with noting(found):
                check_shape(name, arrays[key], wanted[key], places.get(key, NOWHERE))
            check_scale(name, arrays[key])
            check_finite(name, arrays[key])
    if not found:
        with noting(found):
            check_lengths({named[key][0]: array for key, array in arrays.items()})
    raise_all(found)
    return arrays


@contextmanager
def noting(found: list[Diagnostic]) -> Iterator[None]:
    """Notes the errors raised in its body, so that all that is wrong can be said at once."""
    try:
        yield
    except CnnError as error:
        found.extend(error.diagnostics)


def raise_all(found: list[Diagnostic]) -> None:
    """Raises what was noted, if anything was."""
    if found:
        raise CnnError(found)


def check_shape(name: str, array: Array, wanted: tuple[int, ...], place: Site) -> None:
    """Examples first, then exactly the input's extents; at least one example."""
    if array.shape[1:] != wanted or not array.shape:
        raise InputShape(place, name, array.shape, wanted, remedy(name, array.shape, wanted)).error()
    check_some(name, array)


def check_some(name: str, array: Array) -> None:
    """At least one example."""
    if array.shape and not array.shape[0]:
        raise NoExamples(NOWHERE, name, array.shape).error()


def check_scale(name: str, array: Array) -> None:
    """Whole numbers are taken for decimals only where nobody could have meant pixels: within -1 to 1."""
    if array.dtype.kind in "iu" and array.size:
        low, high = int(array.min()), int(array.max())
        if low < -1 or high > 1:
            raise WholeNumbers(NOWHERE, name, str(array.dtype), low, high).error()


def check_finite(name: str, array: Array) -> None:
    """No NaN, no infinity, nothing that float32 cannot hold."""
    if array.dtype.kind != "f" or not array.ndim:
        return
    bad, first, value = 0, -1, 0.0
    for start, part in chunks(array):
        with np.errstate(over="ignore"):
            wrong = ~np.isfinite(part.astype(np.float32, copy=False))
        count = int(np.count_nonzero(wrong))
        if count and first < 0:
            first = start + int(np.argmax(wrong.reshape(len(part), -1).any(axis=1)))
            value = float(part[wrong][0])
        bad += count
    if bad:
        raise NotFinite(NOWHERE, name, bad, value, first, tuple(range(1, array.ndim))).error()


def chunks(array: Array) -> Iterator[tuple[int, Array]]:
    """Runs of examples that are small enough to work on, each with the number of its first."""
    rows = max(1, CHUNK * len(array) // max(1, array.size))
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]


def check_lengths(arrays: Mapping[str, Array]) -> int:
    """The number of examples, the same in all. Raises CnnError (E505)."""
    (one, first), *others = arrays.items()
    for other, array in others:
        if len(array) != len(first):
            raise LengthsDiffer(NOWHERE, one, len(first), other, len(array)).error()
    return len(first)
