"""Amounts of memory: the widths of numbers, `16GB` read, `58.1 MiB` written."""

from __future__ import annotations

import re
from fractions import Fraction

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.memory import BadBytes
from cnndsl.errors.training import UnknownChoice
from cnndsl.suggest import closest

#: types of numbers and how many bytes each number takes
WIDTHS = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
#: units of memory: decimal ones, as vendors of chips and disks count, and binary ones
UNITS = {f"{letter}B": 1000**power for power, letter in enumerate(("", "k", "M", "G", "T"))}
UNITS |= {f"{letter}iB": 1024**power for power, letter in enumerate(("K", "M", "G", "T"), start=1)}
_AMOUNT = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([^\W\d_]*)\s*")


def width(dtype: str) -> int:
    """The bytes of one number of a type. Raises CnnError (E521) for an unknown type."""
    if dtype not in WIDTHS:
        known = tuple(WIDTHS)
        raise UnknownChoice(NOWHERE, "type of numbers", str(dtype), known, closest(str(dtype), known) or "").error()
    return WIDTHS[dtype]


def read(text: str) -> int:
    """The bytes that `16GB`, `1.5 GiB` or `800MB` mean, rounded down: kB, MB, GB, TB are powers of 1000.

    Raises CnnError (E091) for what is no amount above 0 with its unit.
    """
    found = _AMOUNT.fullmatch(text)
    number, unit = (found[1], found[2]) if found else ("", "")
    size = int(Fraction(number) * UNITS[unit]) if unit in UNITS else 0
    if size < 1:
        raise BadBytes(NOWHERE, text, number, _meant(unit), tuple(UNITS)).error()
    return size


def _meant(unit: str) -> str:
    """The unit that was written in letters of the wrong size or without its B: `gb`, `G`, `gib`."""
    spelt = {name.lower(): name for name in UNITS}
    lower = unit.lower()
    return "" if unit in (*UNITS, "") else spelt.get(lower, spelt.get(f"{lower}b", ""))


def written(size: int) -> str:
    """Bytes in the largest binary unit of which there is at least one: `58.1 MiB`."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:,.1f} {unit}"
    return f"{size} B"
