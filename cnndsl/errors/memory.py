"""E091: amounts of memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class BadBytes(Problem):
    """An amount of memory is a number above 0 and its unit: `16GB`, `1.5GiB`, `800MB`.

    kB, MB, GB and TB are powers of 1000 bytes, as vendors of devices count; KiB, MiB, GiB and TiB are
    powers of 1024, as most programs do. A GPU sold with 16 GB often has 16 GiB. `b` would be bits.
    """

    code: ClassVar[str] = "E091"
    title: ClassVar[str] = "`{text}` is not an amount of memory"

    text: str
    number: str
    unit: str
    units: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        if self.unit and float(self.number) > 0:
            yield f"did you mean `{self.number}{self.unit}`?"
        yield f"write a number above 0 and one of {', '.join(self.units)}: `16GB`"
